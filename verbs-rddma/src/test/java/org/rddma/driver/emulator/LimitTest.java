package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What there may be of each kind, what is said beyond it, and that deleting makes room. */
class LimitTest {
    private static final EmulatorLimits SMALL =
            EmulatorLimits.defaults().withBuffers(2, 0x4000).withObjects(2, 2, 2, 2);

    @Test
    void eachKindHasItsLimitAndRoomAgainAfterADelete() {
        try (CoreBench driver = CoreBench.limited(SMALL)) {
            driver.ok("location_create://l?default_ops(private)", "location_create://a.l");
            full(driver, "location_create://b.l", -28, "location_delete://a.l");
            driver.ok("smb_create://a.l:2000", "smb_create://b.l:1");
            full(driver, "smb_create://c.l:1", -28, "smb_delete://b.l");
            driver.ok("smb_delete://c.l");
            full(driver, "smb_create://d.l:2001", -12, "smb_delete://a.l");
            driver.ok("smb_delete://d.l", "smb_create://a.l:100");
            driver.ok("xfer_create://x.l", "xfer_create://y.l");
            full(driver, "xfer_create://z.l", -28, "xfer_delete://y.l");
            driver.ok("bind_create://x.l#10:8/a.l?event_name(e)=a.l?event_name(f)");
            driver.ok("bind_create://x.l#20:8/a.l?event_name(e)=a.l?event_name(f)");
            full(driver, "bind_create://x.l#30:8/a.l?event_name(e)=a.l?event_name(f)", -28, "bind_delete://x.l#20:1");
            driver.ok("bind_delete://x.l#30:1");
            assertThat(driver.code("bind_create://x.l#40:8/a.l?event_name(e)=a.l?event_name(g)"))
                    .as("events stay")
                    .isEqualTo(-28);
            assertThat(driver.code("event_find://g.l")).isEqualTo(1);
            driver.ok("bind_create://x.l#40:8/a.l?event_name(f)=a.l?event_name(f)");
            driver.ok("sync_create://s.l#1", "sync_create://t.l#1");
            full(driver, "sync_create://u.l#1", -28, "sync_delete://t.l");
        }
    }

    private static void full(CoreBench driver, String command, int result, String delete) {
        assertThat(driver.code(command)).isEqualTo(result);
        driver.ok(delete, command);
    }

    @Test
    void ticketsAreLimitedToo() {
        try (CoreBench driver = CoreBench.limited(SMALL)) {
            driver.ok("location_create://l?default_ops(private)", "smb_create://a.l:1000");
            for (int extent = 1; extent <= 8; extent++) {
                driver.ok("mmap_create://a.l:" + extent);
            }
            full(driver, "mmap_create://a.l:9", -28, "mmap_delete://a.l:1");
            driver.ok("smb_delete://a.l", "smb_create://a.l:1000", "mmap_create://a.l:1");
        }
    }

    @Test
    void makingAndDeletingLargeBuffersWithoutEndStaysWithinTheLimit() {
        EmulatorLimits limits = EmulatorLimits.defaults().withBuffers(4, 8 << 20);
        try (CoreBench driver = CoreBench.limited(limits)) {
            driver.ok("location_create://l?default_ops(private)");
            for (int time = 0; time < 20; time++) {
                driver.ok("smb_create://a.l:600000", "smb_delete://a.l");
            }
        }
    }

    @Test
    void whatADeletedBufferStillHasMappedCounts() {
        EmulatorLimits limits = EmulatorLimits.defaults().withBuffers(4, 8 << 20);
        try (CoreBench driver = CoreBench.limited(limits)) {
            driver.ok("location_create://l?default_ops(private)", "smb_create://a.l:600000");
            ByteBuffer held = driver.bytes("a");
            try {
                driver.ok("smb_delete://a.l");

                assertThat(driver.code("smb_create://a.l:600000")).isEqualTo(-12);
            } finally {
                Reference.reachabilityFence(held);
            }
        }
    }

    @Test
    void whoComesToWaitAndGoesAwayLeavesNothingBehind() {
        CoreBench.Peer waiter = new CoreBench.Peer(1, 0);
        try (CoreBench driver = CoreBench.limited(EmulatorLimits.defaults().withOpens(1, 10, 10))) {
            driver.ok("location_create://l?default_ops(private)", "sync_create://s.l#1000", "sync_create://t.l#1000");
            for (int time = 0; time < 30; time++) {
                while (!driver.send(waiter, "sync_wait://s.l").answered()) {}
                assertThat(driver.code("sync_wait://t.l")).as("one too many").isEqualTo(-11);
                driver.core.clientGone(waiter);
            }
            String count = driver.ask("sync_find://s.l");
            assertThat(driver.code("sync_wait://s.l?request(" + "1".repeat(4000) + ")"))
                    .isEqualTo(-11);
            assertThat(driver.ask("sync_find://s.l"))
                    .as("who is refused is not counted")
                    .isEqualTo(count);
            CoreBench.Asked last = driver.send("sync_wait://s.l");
            driver.ok("sync_delete://s.l");
            assertThat(last.result()).isEqualTo(-5);
            CoreBench.Asked again = driver.send("sync_wait://t.l");
            driver.ok("sync_delete://t.l");
            assertThat(again.result()).isEqualTo(-5);
        }
    }

    @Test
    void theStrictDriverKnowsOneReasonOnly() {
        try (CoreBench driver = new CoreBench(CoreBench.options(true, SMALL))) {
            driver.ok("location_create://l?default_ops(private)");
            assertThat(driver.code("smb_create://a.l:5000")).isEqualTo(1);
            driver.ok("smb_create://a.l:100", "smb_create://b.l:100");
            assertThat(driver.code("smb_create://c.l:100")).isEqualTo(1);
        }
    }
}
