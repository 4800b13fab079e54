package org.rddma.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** A command that the driver would misread is refused when it is made, and the message says why. */
final class MisreadCommandTest {
    /** The bar of a case stands at the position that the error must name. */
    static Stream<Arguments> refused() {
        return Stream.of(
                refused("smb_create:/b.L:10|", "operation"),
                refused("|bogus://b.L", "no driver knows"),
                refused("|Smb_find://b.L", "no driver knows"),
                refused("| smb_find://b.L", "no driver knows"),
                refused("|location_creates://b.L", "no driver knows"),
                refused("smb_find://|", "name is missing"),
                refused("smb_find://|.b.L", "name is missing"),
                refused("smb_find://b.|", "name is missing"),
                refused("smb_find://b.L.|.M", "name is missing"),
                refused("smb_find://b.L|\n", "line feed"),
                refused("smb_find://b.L|\t", "printable"),
                refused("smb_find://b.L|\u00e9", "printable"),
                refused("smb_find://b.L|\u0000", "printable"),
                refused("smb_find://b|,c.L", "comma"),
                refused("smb_create://b|#10.L:20", "behind the whole location"),
                refused("smb_create://b.L:|zz", "hexadecimal"),
                refused("smb_create://b.L:10|-1", "hexadecimal"),
                refused("smb_create://b.L:10| ", "hexadecimal"),
                refused("smb_create://b.L#10|#20:30", "one '#'"),
                refused("smb_create://b.L:10|:20", "one '#'"),
                refused("smb_create://b.L:|100000000", "32 bits"),
                refused("smb_create://b.L#|10000000000000000:10", "64 bits"),
                refused("smb_find://b.L?|", "option's name is missing"),
                refused("smb_find://b.L?discontig,|", "option's name is missing"),
                refused("smb_find://b.L?wait|?request(1)", "second '?'"),
                refused("smb_find://b.L?wait(1|,2)", "comma inside"),
                refused("smb_find://b.L?wait(1|", "')' of an option is missing"),
                refused("smb_find://b.L?wait(a(b)|c)", "behind the ')'"),
                refused("smb_find://b.L?wait|=1", "name(value)"),
                refused("smb_find://b.L?wait|)", "name(value)"),
                refused("smb_find://b.L?request(1),|request(2)", "second request"),
                refused("smb_find://b.L?|norequest(7)", "take this for request(7)"),
                refused("location_find://b.L?|fabric_name(x)", "take this for fabric(x)"),
                refused("location_find://b.L?|dma_name(rddma_fabric_dma),fabric(x)", "take this for fabric"),
                refused("event_chain://e.L?|event_name(request_1),request(2)", "take this for request"),
                refused("smb_find://b.L?|request", "change this tag"),
                refused("location_find://b?default_ops(|privateer)", "private or public"),
                refused("location_find://b?fabric(|)", "1 to 31"),
                refused("location_find://b?dma_name(|" + "d".repeat(32) + ")", "1 to 31"),
                refused("location_find://b?netdev(|)", "netdev"),
                refused("event_chain://e.L?event_name(|f.L)", "names an event"),
                refused("event_chain://e.L?event_name(|)", "names an event"),
                refused("smb_create://b.L:10?map_address(|0x10),map_extent(10),mytid(1)", "hexadecimal"),
                refused("smb_create://b.L:10?map_address(10),map_extent(10),mytid(|a)", "decimal"),
                refused("smb_create://b.L:10?discontig(|1)", "no value"),
                refused("smb_find://b.L?result(|0)", "belongs to replies"),
                refused("smb_find://a|request.L", "contains request"),
                refused("smb_find://a.reqs.x|reply", "contains reply"),
                refused("smb_find://b.|<NULL>", "contains <NULL>"),
                refused("smb_create://|b.L", "extent"),
                refused("smb_create://|b.L:0", "extent"),
                refused("smb_create://|b.L#fe1:10", "4064"),
                refused("smb_create://|b.L#ffffffffffffffff:10", "4064"),
                refused("smb_create://|b.L:10?map_address(10)", "belong together"),
                refused("smb_mmap://|b.L#10:1000", "multiple"),
                refused("smb_mmap://|b.L#1000", "extent"),
                refused("mmap_find://|b.L", "extent"),
                refused("xfer_create://|x.L:10", "ignores"),
                refused("bind_find://|x.L#10", "give both"),
                refused("bind_delete://|x.L:0", "extent 0"),
                refused("event_start://|e", "without a location"),
                refused("event_chain://|e.L", "event_name"),
                refused("sync_create://|s.L", "how many"),
                refused("location_create://|root#1:1", "default_ops"),
                refused("bind_create://x.L:10|", "'/' is missing"),
                refused("bind_create://x.L:10/d.L|", "'=' is missing"),
                refused("bind_create://x.L:10/d.L=|", "name is missing"),
                refused("bind_create://x.L:10?wait|=1/d.L=s.L", "divide it elsewhere"),
                refused("bind_create://x.L:10/d.L=s.L?event_name(a|/b)", "divide it elsewhere"),
                refused("bind_create://|x.L/d.L?event_name(e)=s.L?event_name(e)", "extent is missing"),
                refused("bind_create://x.L:10/d.L?event_name(e)=|s.L:20?event_name(e)", "extents differ"),
                refused("bind_create://x.L/|d.L:0?event_name(e)=s.L:20?event_name(e)", "extent 0"),
                refused("bind_create://|x.L#0:20/d.L?event_name(e)=s.L?event_name(e)", "offset 0"),
                refused("bind_create://x.L:20/|d.L=s.L?event_name(e)", "event_name"),
                refused("bind_create://x.L:20/d.L?event_name(e)=|s.L", "event_name"),
                refused("bind_create://x.L:20/|d?event_name(e)=s.L?event_name(e)", "without a location"),
                refused("bind_create://x.L:2/|d.L?event_name(e),request(1)=s.L?event_name(e)", "last term"),
                refused("smb_find://b." + "L".repeat(950) + "|", "cuts it"));
    }

    private static Arguments refused(String marked, String why) {
        int position = marked.indexOf('|');
        return Arguments.of(marked.substring(0, position) + marked.substring(position + 1), position, why);
    }

    @ParameterizedTest
    @MethodSource("refused")
    void aTextThatWouldBeMisreadIsRefusedWhereItGoesWrong(String text, int position, String why) {
        RddmaSyntaxException refused = catchThrowableOfType(RddmaSyntaxException.class, () -> Command.parse(text));
        assertThat(refused).hasMessageContaining(why);
        assertThat(refused.position()).isEqualTo(position);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "0x1", "01", "00", "A", "g", "-1", "123456789", "1,2", "1)", "?", "a/b", "a=b", "1 ", "é"})
    void aTagThatDoesNotSurviveBothWaysBackIsRefused(String tag) {
        Command command = Commands.eventStart("e", "L");
        assertThatThrownBy(() -> command.withRequest(tag))
                .isInstanceOfSatisfying(
                        VerbsException.class,
                        refused -> assertThat(refused.errno()).isEqualTo(Errno.EINVAL));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "f", "10", "ffffffff", "deadbeef"})
    void aTagThatSurvivesIsTakenAndIsTheSameAfterAnUnknownCommand(String tag) {
        Command command = Commands.eventStart("e", "L").withRequest(tag);
        String unknown = DriverGrammar.read(command.toString()).unknownReply();
        assertThat(Reply.parse(unknown).tag()).isEqualTo(tag);
        assertThat(Reply.parse(unknown).unknownCommand()).isTrue();
    }

    @Test
    void partsThatWouldBeReadAsOtherPartsAreRefused() {
        assertEinval("read a part", () -> Commands.smbFind("a.b", "L"));
        assertEinval("second '?'", () -> Commands.smbFind("a?b", "L?c"));
        assertEinval("without a location", () -> Commands.smbFind("a", null));
        assertEinval("read a part", () -> Commands.locationFind("a?b", Options.NONE));
        assertEinval("read a part", () -> Commands.smbDelete("b", "L#10"));
        assertEinval("behind the whole location", () -> Commands.smbFind("b:10", "L"));
        assertEinval("name is missing", () -> Commands.smbFind("", "L"));
        assertEinval("name is missing", () -> Commands.smbFind("b", ""));
        assertEinval("32 bits", () -> Commands.smbCreate("b", "L", 0, 1L << 32));
        assertEinval("32 bits", () -> Commands.smbCreate("b", "L", 0, -1));
        assertEinval("comma inside", () -> Commands.locationFind("L", Commands.locationOptions(true, "a,b", null)));
        assertEinval("names an event", () -> Commands.eventChain("e", "L", "f:1"));
        assertEinval("line feed", () -> Commands.eventStart("e\nsmb_delete://b", "L"));
        assertEinval("decimal", () -> Commands.smbCreateFromUser("b", "L", 0, 4096, -1));
        assertEinval("triple", () -> Command.of(Operation.BIND_CREATE, Descriptor.of("x", "L")));
        Triple triple = new Triple(Descriptor.of("x", "L"), Descriptor.of("d", "L"), Descriptor.of("s", "L"));
        assertEinval("not about a triple", () -> Command.of(Operation.SMB_FIND, triple));
        assertEinval(
                "divide it elsewhere",
                () -> Commands.bindCreate(
                        Descriptor.of("x", "L").withExtent(1),
                        Descriptor.of("d/e", "L"),
                        "e",
                        Descriptor.of("s", "L"),
                        "e"));
        assertEinval(
                "read a part",
                () -> Command.of(Operation.SMB_FIND, Descriptor.of("b", "L").with("wait(1),discontig", null)));
        assertEinval("how many", () -> Commands.syncCreate("s", "L", 0));
        assertEinval("extent 0", () -> Commands.bindDelete("x", "L", OptionalLong.empty(), OptionalLong.of(0)));
    }

    private static void assertEinval(String why, Runnable making) {
        assertThatThrownBy(making::run)
                .isInstanceOfSatisfying(
                        VerbsException.class,
                        refused -> assertThat(refused.errno()).isEqualTo(Errno.EINVAL))
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({
        "smb_find://buf.loc#10:zz, 11",
        "smb_find://b:z, 2",
        "bind_create://xfer.L:10/dst.L#g=s.L, 6",
    })
    void badNumbersAreWhereTheDriverSaysTheyAre(String text, int code) {
        RddmaSyntaxException refused = catchThrowableOfType(RddmaSyntaxException.class, () -> Command.parse(text));
        assertThat(refused.driverPosition()).isEqualTo(code);
        assertThat(DriverGrammar.read(text).error()).isEqualTo(code);
        assertThat(DriverGrammar.read(text).errorPosition()).isEqualTo(refused.position());
    }

    @Test
    void theLongestCommandIsTakenAndItsLongestReplyFitsTheDriversBuffer() {
        String fixed = "smb_create://b." + "#0:1" + "?request(ffffffff)";
        int longest = 0;
        for (int length = 800; length < 1000; length++) {
            Descriptor wide = Descriptor.of("b", "L".repeat(length)).at(0, 1).with("request", "ffffffff");
            try {
                longest = Command.of(Operation.SMB_CREATE, wide).toString().length();
            } catch (VerbsException refused) {
                break;
            }
        }
        String location = "L".repeat(longest - fixed.length());
        String reply = "smb_create://b." + location
                + "#ffffffffffffffff:ffffffff?result(-2147483648),reply(ffffffff),mmap_offset(ffffffffffffffff)";
        assertThat(reply).hasSize(1003);
    }
}
