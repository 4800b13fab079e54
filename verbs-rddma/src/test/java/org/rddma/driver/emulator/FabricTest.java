package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three nodes: the name server 0, and 1 and 2 that have found themselves. */
class FabricTest {
    private final CoreBench driver = CoreBench.relaxed();

    @BeforeEach
    void bringUp() {
        driver.ok(0, "location_create://f#1:1?default_ops(private),fabric(net)");
        driver.ok(0, "location_create://a.f#1");
        driver.ok(0, "location_create://b.f#2?default_ops(public)");
        driver.ok(0, "location_create://c.f#3?default_ops(public)");
        for (int node = 1; node <= 2; node++) {
            driver.ok(node, "location_find://f?default_ops(public),fabric(net)");
            driver.ok(node, "location_find://" + (node == 1 ? "b" : "c") + ".f");
            for (String name : new String[] {"a", "b", "c"}) {
                driver.ok(node, "location_find://" + name + ".f");
            }
        }
    }

    @AfterEach
    void end() {
        driver.close();
    }

    @Test
    void everyCommandOnAPublicLocationIsCarriedOutByItsNode() {
        driver.ok(0, "smb_create://m.b.f:100");
        driver.ok(2, "smb_find://m.b.f");
        driver.ok(2, "mmap_create://m.b.f:100");
        driver.ok(1, "mmap_find://m.b.f:100");
        driver.ok(2, "mmap_delete://m.b.f:100");
        driver.ok(2, "xfer_create://x.b.f");
        driver.ok(1, "xfer_find://x.b.f");
        driver.ok(2, "sync_create://s.b.f#2");
        driver.ok(1, "sync_send://s.b.f");
        driver.ok(0, "bind_create://x.b.f:8/m.b.f?event_name(e)=m.b.f#8?event_name(e)");
        driver.ok(1, "bind_find://x.b.f#0:8");
        driver.ok(2, "event_find://e.b.f");
        driver.ok(2, "event_start://e.b.f");
        driver.ok(2, "bind_delete://x.b.f");
        driver.ok(0, "xfer_delete://x.b.f");
        driver.ok(0, "smb_delete://m.b.f");
        assertThat(driver.result(1, "smb_find://m.b.f")).isEqualTo(1);
    }

    @Test
    void aTransferOfThreeNodesIsDoneWhenBothEndsHaveStarted() {
        driver.ok(1, "smb_create://m.b.f:20");
        driver.ok(2, "smb_create://m.c.f:20");
        driver.ok(0, "xfer_create://x.a.f");
        driver.ok(1, "bind_create://x.a.f:20/m.c.f?event_name(in)=m.b.f?event_name(out)");
        driver.bytes(1, "b.f", "m").put(0x1f, (byte) 8);
        CoreBench.Asked receiver = driver.send(new CoreBench.Peer(2, 2), "event_start://in.c.f");

        assertThat(receiver.answered()).isFalse();
        driver.ok(1, "event_start://out.b.f");

        assertThat(receiver.result()).isZero();
        assertThat(driver.bytes(2, "c.f", "m").get(0x1f)).isEqualTo((byte) 8);
    }

    @Test
    void aLocationThatNobodyAnswersForSaysSo() {
        driver.ok(0, "location_create://d.f#4?default_ops(public)");

        assertThat(driver.result(0, "smb_create://m.d.f:10")).isEqualTo(-5);
        assertThat(driver.result(0, "event_start://e.d.f")).isEqualTo(-22);
        assertThat(driver.result(0, "location_create://x.d.f")).isEqualTo(-5);
        assertThat(driver.result(0, "location_find://x.d.f")).isEqualTo(-5);
    }

    @Test
    void aWayThatLeadsInACircleEnds() {
        driver.ok(0, "location_create://round.f#2?default_ops(public)");
        driver.ok(1, "location_find://round.f");

        assertThat(driver.result(0, "smb_create://m.round.f:10")).isEqualTo(-5);
    }

    @Test
    void anAddressThatIsTakenIsRefused() {
        assertThat(driver.result(3, "location_create://g#2?default_ops(private),fabric(net)"))
                .isEqualTo(-17);
        driver.ok(3, "location_create://g#2?default_ops(private),fabric(other)");
        driver.ok(4, "location_find://f?default_ops(public),fabric(net)");
        assertThat(driver.result(4, "location_find://b.f")).as("node 1 is b").isEqualTo(-17);
    }

    @Test
    void aRootOfAnotherTransportIsNotFound() {
        assertThat(driver.result(3, "location_find://f?default_ops(public),fabric(other)"))
                .isEqualTo(1);
        assertThat(driver.result(3, "location_find://f?default_ops(public)")).isEqualTo(1);
        driver.ok(3, "location_find://f?default_ops(public),fabric_name(net)");
    }

    @Test
    void aNameDeletedThroughAShadowIsDeletedAtTheNameServer() {
        driver.ok(1, "location_delete://c.f");

        assertThat(driver.result(0, "location_find://c.f")).isEqualTo(1);
        assertThat(driver.result(1, "location_find://c.f")).isEqualTo(1);
    }

    @Test
    void onlyEventNamesTravelBetweenNodes() {
        driver.ok(0, "smb_create://m.b.f:10?map_address(1),mytid(99999999)");
        assertThat(driver.ask(1, "smb_find://m.b.f")).startsWith("smb_find://m.b.f#0:10?");
    }
}
