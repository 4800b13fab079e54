package org.rddma.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines as the driver of 2008 reads them, its oddities included. */
final class DriverGrammarTest {
    private static Descriptor descriptor(String text) {
        return (Descriptor) DriverGrammar.read("smb_find://" + text).subject();
    }

    private static Options options(String text) {
        return descriptor("b.L?" + text).options();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "://b",
                "bogus://b",
                "smb_find",
                " smb_find://b",
                "SMB_FIND://b",
                "smb_find ://b",
                "location_created://b",
                "smb_find:/b"
            })
    void anythingButAKnownOperationIsAnUnknownCommand(String text) {
        assertThat(DriverGrammar.read(text).error()).isEqualTo(10101);
        assertThat(DriverGrammar.read(text).operation()).isNull();
        assertThat(DriverGrammar.read(text).subject()).isNull();
    }

    @Test
    void aDescriptorIsCutAtQuestionMarkThenDotThenPlace() {
        assertThat(descriptor("b.me.fabric#10:20?a(1)"))
                .isEqualTo(Descriptor.of("b", "me.fabric").at(0x10, 0x20).with("a", "1"));
        assertThat(descriptor("b.L:20#10")).isEqualTo(Descriptor.of("b", "L").at(0x10, 0x20));
        assertThat(descriptor("b#10:20")).isEqualTo(Descriptor.of("b", null).at(0x10, 0x20));
        assertThat(descriptor("buf#10.loc")).isEqualTo(Descriptor.of("buf#10", "loc"));
        assertThat(descriptor("...a.b")).isEqualTo(Descriptor.of("a", "b"));
        assertThat(descriptor("b?x.y#1:2")).isEqualTo(Descriptor.of("b", null).with(Options.NONE.with("x.y#1:2")));
        assertThat(descriptor("")).isEqualTo(Descriptor.of("", null));
        assertThat(descriptor("...")).isEqualTo(Descriptor.of("", null));
        assertThat(descriptor("b.")).isEqualTo(Descriptor.of("b", ""));
    }

    @Test
    void numbersAreHexadecimalAndCutToTheirWidth() {
        assertThat(descriptor("b#0X1f:0xABCdef"))
                .isEqualTo(Descriptor.of("b", null).at(0x1f, 0xabcdef));
        assertThat(descriptor("b#:")).isEqualTo(Descriptor.of("b", null).at(0, 0));
        assertThat(descriptor("b:100000000").extent()).isEqualTo(OptionalLong.of(0));
        assertThat(descriptor("b#ffffffffffffffff").offset()).isEqualTo(OptionalLong.of(-1));
        assertThat(descriptor("b#0x").offset()).isEqualTo(OptionalLong.of(0));
        assertThat(descriptor("b").offset()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "smb_find://buf.loc#10:zz, 11, 22",
        "smb_find://..buf.loc#10:zz, 11, 24",
        "smb_find://b#1#2, 3, 14",
        "smb_find://b:1:2, 3, 14",
        "smb_find://b#1 , 3, 14",
        "smb_find://b#-1, 2, 13",
        "smb_find://b:z#y, 2, 13",
        "bind_create://x.L:q/d=s, 4, 18",
        "bind_create://x.L/dd.L#q=s, 5, 23",
        "bind_create://x/d=src:0g, 5, 23",
    })
    void aBadNumberIsAnsweredWithItsPlaceInTheTerm(String text, int code, int position) {
        String line = text.equals("smb_find://b#1") ? text + " " : text;
        assertThat(DriverGrammar.read(line).error()).isEqualTo(code);
        assertThat(DriverGrammar.read(line).errorPosition()).isEqualTo(position);
        assertThat(DriverGrammar.read(line).subject()).isNull();
    }

    @Test
    void optionsAreCutAtEveryCommaAndParenthesesOnlyThen() {
        assertThat(options("request(1,2)").lookup("request", true)).isEqualTo("1");
        assertThat(options("request(a(b)c)").lookup("request", true)).isEqualTo("a(b");
        assertThat(options("event_name(e)?request(1)").lookup("request", true)).isNull();
        assertThat(options("request=5").lookup("request", true)).isEqualTo("5");
        assertThat(options("a,,b,").list()).hasSize(2);
        assertThat(options("").isEmpty()).isTrue();
        assertThat(options("discontig").lookup("discontig", true)).isEqualTo("discontig");
        assertThat(options("request()").lookup("request", true)).isEmpty();
    }

    @Test
    void lookUpsSearchInTheWholeTextOfAnOptionAndTheFirstHitWins() {
        assertThat(options("fabric_name(x)").lookup("fabric", true)).isEqualTo("x");
        assertThat(options("fabric_name(x)").lookup("fabric", false)).isNull();
        assertThat(options("norequest(7),request(8)").lookup("request", true)).isEqualTo("7");
        assertThat(options("norequest(7),request(8)").lookup("request", false)).isEqualTo("8");
        Options masked = options("dma_name(rddma_fabric_dma),fabric(net)");
        assertThat(masked.lookup("fabric", true)).isEqualTo("fabric_dma");
        assertThat(masked.lookup("fabric", false)).isEqualTo("net");
    }

    @Test
    void aTripleIsCutAtTheFirstSlashAndTheFirstEqualsBehindIt() {
        Descriptor none = Descriptor.of("", null);
        Descriptor transfer = Descriptor.of("x", "L");
        assertThat(DriverGrammar.read("bind_create://x.L/d.M=s.N?request(1)").subject())
                .isEqualTo(new Triple(
                        transfer,
                        Descriptor.of("d", "M"),
                        Descriptor.of("s", "N").with("request", "1")));
        assertThat(DriverGrammar.read("bind_create://x.L").subject()).isEqualTo(new Triple(transfer, none, none));
        assertThat(DriverGrammar.read("bind_create://x.L/d").subject())
                .isEqualTo(new Triple(transfer, Descriptor.of("d", null), none));
        assertThat(DriverGrammar.read("bind_create://x.L=y/d=s=t").subject())
                .isEqualTo(new Triple(Descriptor.of("x", "L=y"), Descriptor.of("d", null), Descriptor.of("s=t", null)));
    }

    @Test
    void aTripleLooksForItsTagInTheSourceOnly() {
        assertThat(DriverGrammar.read("bind_create://x?request(1)/d?request(2)=s?request(3)")
                        .tag(true))
                .isEqualTo("3");
        assertThat(DriverGrammar.read("bind_create://x?request(1)/d?request(2)=s")
                        .tag(true))
                .isNull();
    }

    @Test
    void whatHasNoRoomIsRefusedAsTheDriverDoes() {
        String long1 = "L".repeat(4096);
        assertThat(DriverGrammar.read("smb_find://" + long1).error()).isEqualTo(-22);
        assertThat(DriverGrammar.read("bind_create://x/d=" + long1).error()).isEqualTo(-12);
        assertThat(DriverGrammar.read("smb_find://" + "L".repeat(4080)).error()).isZero();
        assertThat(DriverGrammar.read("smb_find://b?" + ",".repeat(500)).error())
                .isEqualTo(-22);
    }

    @Test
    void anUnknownCommandIsRepeatedWholeWithItsTagAsANumber() {
        List<List<String>> dialogue = List.of(
                List.of("bogus://x?request(5)", "bogus://x?request(5),result(10101),reply(5)"),
                List.of("", "?result(10101),reply(0)"),
                List.of("requests", "requests,result(10101),reply(0)"),
                List.of("b://x", "b://x?result(10101),reply(0)"),
                List.of("b://x?request(0xAB)", "b://x?request(0xAB),result(10101),reply(ab)"),
                List.of("b://x?request(hello)", "b://x?request(hello),result(10101),reply(0)"),
                List.of("b://x?request(123456789)", "b://x?request(123456789),result(10101),reply(23456789)"));
        for (List<String> pair : dialogue) {
            assertThat(DriverGrammar.read(pair.get(0)).errorReply(true)).isEqualTo(pair.get(1));
            assertThat(Reply.parse(pair.get(1)).unknownCommand()).isTrue();
        }
    }

    @Test
    void aKnownCommandThatCannotBeReadIsRepeatedWithoutItsOptions() {
        assertThat(DriverGrammar.read("smb_create://b.L:zz?request(5)").errorReply(true))
                .isEqualTo("smb_create://b.L:zz?result(4),reply(5)");
        assertThat(DriverGrammar.read("smb_create://b.L:zz").errorReply(true))
                .isEqualTo("smb_create://b.L:zz?result(4),reply(<NULL>)");
        assertThat(DriverGrammar.read("smb_create://b:q?norequest(7)").errorReply(false))
                .isEqualTo("smb_create://b:q?result(2),reply(<NULL>)");
    }
}
