package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What each command says when it cannot be carried out: as the driver of 2008, and more precisely. */
class ResultTest {
    private final CoreBench driver = CoreBench.relaxed();
    private final CoreBench old = CoreBench.strict();

    @BeforeEach
    void objects() {
        for (CoreBench each : new CoreBench[] {driver, old}) {
            each.ok("location_create://l?default_ops(private)", "xfer_create://x.l");
            each.ok("smb_create://s.l:1000", "smb_create://d.l:1000");
            each.ok("bind_create://x.l#500:10/d.l?event_name(to)=s.l?event_name(from)");
        }
    }

    @AfterEach
    void end() {
        driver.close();
        old.close();
    }

    /** What both say to the same command. */
    private void say(String command, int precise, int strict) {
        assertThat(driver.code(command)).as(command).isEqualTo(precise);
        assertThat(old.code(command)).as("strict: " + command).isEqualTo(strict);
    }

    private void say(String command, int result) {
        say(command, result, result);
    }

    @Test
    void locations() {
        say("location_create://r", -22);
        say("location_create://r?default_ops(neither)", -22);
        say("location_create://r?default_ops(public)", -22, 0);
        say("location_find://r", 1);
        say("location_create://l?default_ops(privateer)", -17, 1);
        say("location_create://r?default_ops(privateer)", 0);
        say("location_create://a.nowhere", -22);
        say("location_create://a.l", 0);
        say("location_create://a.l", -17, 1);
        say("location_find://b.l", 1);
        say("location_find://b.nowhere", -22);
        say("location_find://q?default_ops(public),fabric(f)", 1);
        say("location_put://a.l", 0);
        say("location_put://b.l", 1);
        say("location_put://l", -22);
        say("location_delete://b.l", 0);
        say("location_delete://l", 0);
        say("location_find://a.l", 0);
        say("location_delete://a.nowhere", -22);
        say("location_delete://a.l", 0);
        say("location_find://a.l", 1);
    }

    @Test
    void buffers() {
        say("smb_create://b.nowhere:10", -19);
        say("smb_create://b:10", -19);
        say("smb_create://b.l#fe1:10", -22);
        say("smb_create://b.l", -22, 1);
        say("smb_create://b.l:ffffffff", -12, 1);
        say("smb_create://s.l:10", -17, 1);
        say("smb_create://b.l#fe0:10", 0);
        say("smb_find://c.l", 1);
        say("smb_find://c.nowhere", -19);
        say("smb_put://b.l", 0);
        say("smb_lose://c.l", 1);
        say("smb_delete://c.l", 0);
        say("smb_delete://c.nowhere", -19);
        say("smb_delete://b.l", 0);
        say("smb_find://b.l", 1);
    }

    @Test
    void tickets() {
        say("smb_mmap://c.l:10", -19);
        say("smb_mmap://s.nowhere:10", -19);
        say("smb_mmap://s.l#10:10", -22);
        say("smb_mmap://s.l:1001", -22, 1);
        say("smb_mmap://s.l", -22, 1);
        say("smb_unmmap://s.l:1000", 1);
        say("smb_mmap://s.l:1000", 0);
        say("smb_unmmap://s.l:1000", 0);
        say("mmap_find://s.l:1000", 1);
        say("mmap_put://s.l:1000", 1);
        say("mmap_create://s.l#10:10", -22);
        say("mmap_create://s.l:1001", -22, 0);
        say("mmap_create://s.l:1000", 0);
        say("mmap_find://s.l:1000", 0);
        say("mmap_put://s.l:1000", 0);
        say("mmap_delete://s.l:1000", 0);
        say("mmap_delete://s.l:1000", 1);
    }

    @Test
    void transfers() {
        say("xfer_create://y.nowhere", -19);
        say("xfer_create://x.l", 0);
        say("xfer_find://y.l", 1);
        say("xfer_find://y.nowhere", -19);
        say("xfer_put://x.l", 0);
        say("xfer_lose://y.l", 1);
        say("xfer_delete://y.l", 0);
        say("xfer_delete://x.l", 0);
        say("xfer_find://x.l", 1, 0);
    }

    @Test
    void binds() {
        String ends = "/d.l?event_name(a)=s.l?event_name(b)";
        say("bind_create://y.l:10" + ends, -19);
        say("bind_create://x.nowhere:10" + ends, -19);
        say("bind_create://x.l" + ends, -22);
        say("bind_create://x.l:10/d.l:11?event_name(a)=s.l?event_name(b)", -22);
        say("bind_create://x.l#500:10" + ends, -17, 1);
        say("bind_create://x.l:1001" + ends, -22, 1);
        say("bind_create://x.l:10/d.l#ff1?event_name(a)=s.l?event_name(b)", -22, 1);
        say("bind_create://x.l:10/d.l=s.l?event_name(b)", -22, 1);
        say("bind_create://x.l:10/d.l?event_name(a)=s.l", -22, 1);
        say("bind_create://x.l:10/e.l?event_name(a)=s.l?event_name(b)", -19, 1);
        say("bind_create://x.l:10/d.l?event_name(a)=s.nowhere?event_name(b)", -19, 1);
        say("bind_create://x.l:10", -22, 1);
        say("event_find://a.l", 1);
        say("bind_find://x.l#500:11", 1);
        say("bind_find://x.l#500:10", 0);
        say("bind_lose://x.l#500:10", 0);
        say("bind_lose://x.l#500:11", 1);
        say("bind_delete://y.l", -19);
        say("bind_delete://x.l:0", -22);
        say("bind_delete://x.l:4ff", 0);
        say("bind_find://x.l#500:10", 0);
        say("bind_delete://x.l:500", 0);
        say("bind_find://x.l#500:10", 1);
    }

    @Test
    void theExtentsOfFailedBindsAreHolesOfTheStrictDriverOnly() {
        say("bind_create://x.l:30/e.l?event_name(a)=s.l?event_name(b)", -19, 1);

        assertThat(driver.ask("xfer_find://x.l")).startsWith("xfer_find://x.l#0:10?");
        assertThat(old.ask("xfer_find://x.l")).startsWith("xfer_find://x.l#0:40?");
    }

    @Test
    void halvesOfBinds() {
        for (String half : new String[] {"dsts", "dst", "srcs", "src"}) {
            say(half + "_create://x.l#500:10/d.l=s.l", -22);
            say(half + "_find://x.l#500:10/d.l=s.l", 0);
            say(half + "_find://x.l#500:11/d.l=s.l", 1);
            say(half + "_delete://x.l#500:10/d.l=s.l", 0);
            say(half + "_find://y.l#500:10/d.l=s.l", -19);
        }
        assertThat(driver.ask("src_find://x.l#500:10/d.l:10=s.l#4?request(1)"))
                .isEqualTo("src_find://x.l#500:10/d.l#0:10=s.l#4:0?result(0),reply(1)");
    }

    @Test
    void events() {
        say("event_start://nothing.l", -22);
        say("event_start://to.nowhere", -22, 0);
        say("event_start://to", -22, 0);
        say("event_start://nothing?default_ops(private)", -22);
        say("event_start://to?default_ops(public)", -22);
        say("event_chain://to.l", -22);
        say("event_chain://to.l?event_name(nothing)", -22);
        say("event_chain://nothing.l?event_name(to)", -22);
        say("event_chain://to.nowhere?event_name(from)", -22, 0);
        say("event_chain://to.l?event_name(from)", 0);
        say("event_find://nothing.l", 1);
        say("event_find://to.l", 0);
        say("event_find://to?default_ops(private)", 0);
    }

    @Test
    void barriers() {
        say("sync_create://b.nowhere#2", -19);
        say("sync_find://b.l", 1);
        say("sync_wait://b.l", 1);
        say("sync_send://b.l", 1);
        say("sync_create://b.l#ffffffffffffffff", -22);
        say("sync_create://b.l#2", 0);
        say("sync_create://b.l#2", -17, 1);
        say("sync_send://b.l#ffffffffffffffff", -22);
        say("sync_put://b.l", 0);
        say("sync_delete://b.l", 0);
        say("sync_delete://b.l", 0);
        say("sync_find://b.l", 1);
    }

    @Test
    void linesThatCannotBeRead() {
        say("smb_create://buf.loc#10:zz?request(1)", 11);
        say("bind_create://x.l:1/d.l:1 ?event_name(a)=s.l?event_name(b)", 5);
        say("smb_create://" + "b".repeat(5000), -22);
        say("bind_create://" + "b".repeat(5000), -12);
        say("", 10101);
        say("smb_create", 10101);
        say("a_very_long_operation://x", 10101);
        say("SMB_CREATE://b.l:10", 10101);
        assertThat(driver.ask("smb_create://buf.l:zz?request(7)"))
                .isEqualTo("smb_create://buf.l:zz?result(6),reply(7)");
    }

    @Test
    void withoutTheLaterDriversAdditionsTheyAreUnknown() {
        EmulatorOptions options = EmulatorOptions.defaults().withVfi(false);
        try (CoreBench first = new CoreBench(options)) {
            first.ok("location_create://l?default_ops(private)", "smb_create://b.l:10?map_address(1000)");
            for (String operation : new String[] {
                "sync_create", "sync_find", "event_find", "mmap_create", "mmap_find", "smb_put", "xfer_lose"
            }) {
                assertThat(first.ask(operation + "://b.l:10?request(8)"))
                        .isEqualTo(operation + "://b.l:10?request(8),result(10101),reply(8)");
            }
            assertThat(first.ask("smb_find://b.l")).startsWith("smb_find://b.l#0:10?result(0)");
        }
    }

    @Test
    void optionsAreFoundByAPartOfTheirNameOnlyWithTheQuirk() {
        assertThat(driver.ask("smb_find://s.l?norequest(9)")).endsWith("reply(9)");
        EmulatorOptions exact = EmulatorOptions.defaults().withSubstringQuirk(false);
        try (CoreBench modern = new CoreBench(exact)) {
            assertThat(modern.ask("smb_find://s.l?norequest(9)")).endsWith("reply(<NULL>)");
        }
    }
}
