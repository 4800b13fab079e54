package org.rddma.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.verbs.conformance.AllocatedBytes;

/** Each form of reply, letter by letter. */
final class ReplyTest {
    private static final Descriptor BUFFER = Descriptor.of("b", "L");

    static Stream<Arguments> replies() {
        Triple bind = new Triple(
                Descriptor.of("xf", "fred12").at(0, 0x3000),
                Descriptor.of("buf2", "fred12").at(0, 0x3000),
                Descriptor.of("buf1", "fred12").at(0, 0x3000));
        Triple odd = new Triple(
                Descriptor.of("x", "L").at(0, 0x10),
                Descriptor.of("x", "L"),
                Descriptor.of("x", "L").withOffset(0));
        return Stream.of(
                reply("location_create://fred12#0:0?result(0),reply(<NULL>)", 0, null, at("fred12", null)),
                reply(
                        "location_find://B#2:0?result(1),reply(a)",
                        1,
                        "a",
                        Descriptor.of("B", null).at(2, 0)),
                reply("location_put://B.fabric?result(0),reply(1)", 0, "1", Descriptor.of("B", "fabric")),
                reply(
                        "location_delete://fabric.<NULL>?result(0),reply(<NULL>)",
                        0,
                        null,
                        Descriptor.of("fabric", null)),
                reply(
                        "location_delete://fabric.(null)?result(0),reply((null))",
                        0,
                        null,
                        Descriptor.of("fabric", null)),
                reply("smb_create://b.L#0:3000?result(0),reply(1)", 0, "1", BUFFER.at(0, 0x3000)),
                reply("smb_create://b.L?result(-19),reply(1)", -19, "1", BUFFER),
                reply("smb_find://b.L#0:3000?result(0),reply(1)", 0, "1", BUFFER.at(0, 0x3000)),
                reply("smb_delete://b.L?result(0)", 0, null, BUFFER),
                reply("smb_mmap://b.L?result(0),reply(2),mmap_offset(d9e30000)", 0, "2", BUFFER),
                reply("smb_unmap://b.L?result(0),reply(2)", 0, "2", BUFFER),
                reply("mmap_create://b.L?result(0),reply(2),mmap_offset(10000)", 0, "2", BUFFER),
                reply("xfer_create://xf.fred12#0:0?result(0),reply(<NULL>)", 0, null, at("xf", "fred12")),
                reply("xfer_find://b.L#0:3000?result(0),reply(2)", 0, "2", BUFFER.at(0, 0x3000)),
                reply("xfer_delete://b.L?result(0),reply(2)", 0, "2", BUFFER),
                reply("bind_create://" + bind + "?result(0),reply(3)", 0, "3", bind),
                reply("bind_find://" + bind + "?result(0),reply(3)", 0, "3", bind),
                reply("bind_find://x.L#0:10/x.L=x.L#?result(1),reply(3)", 1, "3", odd),
                reply("bind_delete://b.L#0:3000?result(0),reply(2)", 0, "2", BUFFER.at(0, 0x3000)),
                reply("event_start://b.L?result(-22),reply(4)", -22, "4", BUFFER),
                reply("event_chain://b.L?result(0),reply(4)", 0, "4", BUFFER),
                reply("event_find://b.L?result(0),reply(4)", 0, "4", BUFFER),
                reply("sync_wait://b.L#2:0?result(0),reply(4)", 0, "4", BUFFER.at(2, 0)),
                reply("bogus://x?request(5),result(10101),reply(5)", 10101, "5", null),
                reply("?result(10101),reply(0)", 10101, "0", null),
                reply("request,result(10101),reply(0)", 10101, "0", null),
                reply(
                        "buf.L#0:10?result(0),reply(4)",
                        0,
                        "4",
                        Descriptor.of("buf", "L").at(0, 0x10)),
                reply("x.L/d.L=s.L?result(0),reply(4)", 0, "4", triple(Options.NONE)),
                reply(
                        "dsts_create://x.L/d.L?event_id(12)=s.L?result(0),reply(4)",
                        0,
                        "4",
                        triple(Options.NONE.with("event_id", "12"))),
                reply("srcs_create://x.L/d.L=s.L?event_id(12),result(0),reply(4)", 0, "4", triple(Options.NONE)),
                reply("dst_create://x.L/d.L=s.L?event_name(e),result(0),reply(4)", 0, "4", triple(Options.NONE)),
                reply("b://x?result(3),request(5),result(10101),reply(5)", 10101, "5", null),
                reply(
                        "smb_find://b.L?result(-2147483648),reply(hello world)",
                        Integer.MIN_VALUE,
                        "hello world",
                        BUFFER),
                reply("smb_find://b.L?result(2147483647),reply()", Integer.MAX_VALUE, null, BUFFER));
    }

    private static Descriptor at(String name, String location) {
        return Descriptor.of(name, location).at(0, 0);
    }

    private static Triple triple(Options destination) {
        return new Triple(Descriptor.of("x", "L"), Descriptor.of("d", "L").with(destination), Descriptor.of("s", "L"));
    }

    private static Arguments reply(String line, int result, String tag, Subject subject) {
        return Arguments.of(line, result, tag, subject);
    }

    @ParameterizedTest
    @MethodSource("replies")
    void everyFormIsReadAndPrintedAsItWas(String line, int result, String tag, Subject subject) {
        Reply reply = Reply.parse(line + "\n");
        assertThat(reply).hasToString(line).isEqualTo(Reply.parse(line)).hasSameHashCodeAs(Reply.parse(line));
        assertThat(reply.result()).isEqualTo(result);
        assertThat(reply.succeeded()).isEqualTo(result == 0);
        assertThat(reply.unknownCommand()).isEqualTo(result == 10101);
        assertThat(reply.tag()).isEqualTo(tag);
        assertThat(reply.subject().orElse(null)).isEqualTo(subject);
        int separator = line.indexOf("://");
        assertThat(reply.operation()).isEqualTo(separator < 0 ? "" : line.substring(0, separator));
    }

    @Test
    void whatElseAReplySaysIsFound() {
        Reply mapped = Reply.parse("smb_mmap://b.L?result(0),reply(2),mmap_offset(d9e30000)");
        assertThat(mapped.mmapOffset()).hasValue(0xd9e30000L);
        assertThat(mapped.text()).isEqualTo("b.L");
        assertThat(mapped.eventId()).isEmpty();
        assertThat(mapped.after()).hasToString("mmap_offset(d9e30000)");
        assertThat(Reply.parse("smb_mmap://b.L?result(1),reply(2)").mmapOffset())
                .isEmpty();
        assertThat(Reply.parse("smb_mmap://b.L?result(1),reply(2),mmap_offset(z)")
                        .mmapOffset())
                .isEmpty();
        assertThat(Reply.parse("dsts_create://x/d?event_id(12)=s?result(0),reply(4)")
                        .eventId())
                .hasValue(12);
        Reply sources = Reply.parse("srcs_create://x/d=s?event_id(13),result(0),reply(4)");
        assertThat(sources.eventId()).hasValue(13);
        assertThat(sources.before()).hasToString("event_id(13)");
    }

    @Test
    void repliesAreMadeAsTheDriverPrintsThem() {
        assertThat(Reply.of("smb_find", "b.L#0:10", -5, null))
                .hasToString("smb_find://b.L#0:10?result(-5),reply(<NULL>)");
        assertThat(Reply.of("smb_mmap", "b.L", 0, "2").withMmapOffset(0xd9e30000L))
                .hasToString("smb_mmap://b.L?result(0),reply(2),mmap_offset(d9e30000)");
        assertThatThrownBy(() -> Reply.of("smb_find", "b", 0, "a)b")).isInstanceOf(RddmaSyntaxException.class);
        assertThatThrownBy(() -> Reply.of("smb_find", "b\nc", 0, "a")).isInstanceOf(RddmaSyntaxException.class);
        assertThatThrownBy(() -> Reply.of("a://b", "c", 0, "a")).isInstanceOf(RddmaSyntaxException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "|",
                "smb_find://b|",
                "smb_find://b?reply(5)|",
                "b?result(|)",
                "b?result(|x),reply(1)",
                "b?result(0|",
                "b?result(2147483648|)",
                "b?result(0)|x",
                "b?result(0),reply(1|",
                "b?result(0),reply|",
                "b?result(0),|",
                "b|\n?result(0)",
                "b?xresult(0)|",
                "b?result(0)?c|",
                "b?result(0),reply(a)|b)",
                "b?result(-|)",
                "b?result(0),wait(|,reply(5)",
                "b?result(0),reply(1|,2)",
                "b?result(0),wait|,reply(5)",
                "b?result(0),result(|null)",
                "b?result(0)|\n\n",
                "\u0100"
            })
    void whatIsNoReplyIsRefusedWhereItGoesWrong(String marked) {
        int bar = marked.indexOf('|');
        String line = marked.replace("|", "");
        RddmaSyntaxException refused = catchThrowableOfType(RddmaSyntaxException.class, () -> Reply.parse(line));
        assertThat(refused).isNotNull();
        assertThat(refused.position()).isEqualTo(Math.max(bar, 0));
    }

    @Test
    void theCursorReadsWhereTheLineLies() {
        ReplyCursor cursor = new ReplyCursor();
        ByteBuffer bytes = ByteBuffer.allocateDirect(200);
        byte[] line = "smb_mmap://b?result(-5),reply(1f),mmap_offset(d9e30000)\n".getBytes(StandardCharsets.US_ASCII);
        bytes.put(7, line);
        assertThat(cursor.parse(bytes, 7, line.length)).isTrue();
        assertThat(cursor.tag()).isEqualTo(0x1f);
        assertThat(cursor.result()).isEqualTo(-5);
        assertThat(cursor.mmapOffset()).isEqualTo(0xd9e30000L);
        assertThat(cursor.parse(bytes, 0)).isFalse();
        assertThat(cursor.tag()).isEqualTo(-1);
        assertThat(cursor.result()).isZero();
        assertThat(cursor.mmapOffset()).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"<NULL>", "(null)", "", "01", "AB", "123456789", "g", "0x1"})
    void aTagThatIsNotOursIsNone(String tag) {
        ByteBuffer bytes = ByteBuffer.wrap(("b?result(0),reply(" + tag + ")").getBytes(StandardCharsets.US_ASCII));
        ReplyCursor cursor = new ReplyCursor();
        assertThat(cursor.parse(bytes, bytes.limit())).isTrue();
        assertThat(cursor.tag()).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 9, 10, 15, 16, 0xff, 0x100, 0xfffffffL, 0x10000000L, 0xffffffffL})
    void aTemplateWritesWhatTheCommandWouldSay(long tag) {
        Command command = Commands.eventStart("s", "L");
        CommandTemplate template = new CommandTemplate(command);
        template.encode(0xffffffffL);
        byte[] bytes = new byte[template.encode(tag)];
        template.buffer().get(0, bytes);
        assertThat(new String(bytes, StandardCharsets.US_ASCII))
                .isEqualTo(command.withRequest(Long.toHexString(tag)).toString());
        assertThat(template.buffer().isDirect()).isTrue();
        assertThatThrownBy(() -> template.encode(-1)).hasMessageContaining("32 bits");
        assertThatThrownBy(() -> template.encode(1L << 32)).hasMessageContaining("32 bits");
    }

    /** Would catch: an object for each reply or command in the loops that take or send millions. */
    @Test
    void neitherTheCursorNorTheTemplateAllocates() {
        ReplyCursor cursor = new ReplyCursor();
        CommandTemplate template = new CommandTemplate(Commands.eventStart("s", "L"));
        byte[] line = "event_start://s.L?result(0),reply(1f)\n".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer bytes = ByteBuffer.allocateDirect(line.length).put(0, line);
        long sum = 0;
        long allocated = 0;
        for (int round = 0; round < 3; round++) {
            long before = AllocatedBytes.ofThisThread();
            for (int count = 0; count < 20_000; count++) {
                sum += template.encode(count) + (cursor.parse(bytes, line.length) ? cursor.tag() : 0);
            }
            allocated = AllocatedBytes.ofThisThread() - before;
        }
        assertThat(sum).isPositive();
        assertThat(allocated).isLessThan(20_000);
    }
}
