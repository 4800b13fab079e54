package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Whole sessions, letter by letter. */
class GoldenDialogueTest {
    @Test
    void aSessionOnOneNodeIsAnsweredLetterByLetter() {
        try (CoreBench driver = CoreBench.strict()) {
            says(
                    driver,
                    0,
                    "location_create://fred12?default_ops(private),fabric(rddma_fabric_rionet),dma_name(rddma_rio_dma)",
                    "location_create://fred12#0:0?result(0),reply(<NULL>)");
            says(
                    driver,
                    0,
                    "smb_create://buf1.fred12:3000?request(1)",
                    "smb_create://buf1.fred12#0:3000?result(0),reply(1)");
            says(
                    driver,
                    0,
                    "smb_mmap://buf1.fred12:3000?request(2)",
                    "smb_mmap://buf1.fred12?result(0),reply(2),mmap_offset(d9e30000)");
            driver.ok("smb_create://buf2.fred12:3000");
            says(driver, 0, "xfer_create://xf.fred12", "xfer_create://xf.fred12#0:0?result(0),reply(<NULL>)");
            says(
                    driver,
                    0,
                    "bind_create://xf.fred12:3000/buf2.fred12?event_name(s)=buf1.fred12?event_name(s),request(3)",
                    "bind_create://xf.fred12#0:3000/buf2.fred12#0:3000=buf1.fred12#0:3000?result(0),reply(3)");
            driver.bytes(0, "fred12", "buf1").put(0x2fff, (byte) 7);
            says(driver, 0, "event_start://s.fred12?request(4)", "event_start://s.fred12?result(0),reply(4)");
            assertThat(driver.bytes(0, "fred12", "buf2").get(0x2fff)).isEqualTo((byte) 7);
            says(driver, 0, "bogus://x?request(5)", "bogus://x?request(5),result(10101),reply(5)");
            says(driver, 0, "", "?result(10101),reply(0)");
        }
    }

    @Test
    void twoLocationsOfOneNodeExchangeTheirBuffers() {
        try (CoreBench driver = CoreBench.strict()) {
            says(
                    driver,
                    0,
                    "location_create://r?default_ops(private)",
                    "location_create://r#0:0?result(0),reply(<NULL>)");
            says(driver, 0, "location_create://a.r#3?request(1)", "location_create://a#3:0?result(0),reply(1)");
            says(driver, 0, "location_create://b.r?request(2)", "location_create://b#0:0?result(0),reply(2)");
            says(driver, 0, "location_find://a.r", "location_find://a#3:0?result(0),reply(<NULL>)");
            says(driver, 0, "smb_create://m.a.r#10:1000", "smb_create://m.a.r#10:1000?result(0),reply(<NULL>)");
            says(driver, 0, "smb_create://m.b.r:2000?request(3)", "smb_create://m.b.r#0:2000?result(0),reply(3)");
            says(driver, 0, "smb_find://m.a.r?request(4)", "smb_find://m.a.r#10:1000?result(0),reply(4)");
            says(driver, 0, "xfer_create://x.a.r", "xfer_create://x.a.r#0:0?result(0),reply(<NULL>)");
            says(
                    driver,
                    0,
                    "bind_create://x.a.r/m.b.r#800?event_name(e)=m.a.r#20:100?event_name(e),request(5)",
                    "bind_create://x.a.r#0:100/m.b.r#800:100=m.a.r#20:100?result(0),reply(5)");
            says(
                    driver,
                    0,
                    "bind_create://x.a.r:80/m.a.r?event_name(there)=m.b.r?event_name(here),request(6)",
                    "bind_create://x.a.r#100:80/m.a.r#0:80=m.b.r#0:80?result(0),reply(6)");
            says(driver, 0, "xfer_find://x.a.r", "xfer_find://x.a.r#0:180?result(0),reply(<NULL>)");
            says(
                    driver,
                    0,
                    "bind_find://x.a.r#100:80",
                    "bind_find://x.a.r#100:80/m.a.r#0:80=m.b.r#0:80?result(0),reply(<NULL>)");
            says(
                    driver,
                    0,
                    "bind_find://x.a.r#100:81?request(7)",
                    "bind_find://x.a.r#100:81/x.a.r=x.a.r#?result(1),reply(7)");
            says(driver, 0, "event_chain://e.a.r?event_name(there)", "event_chain://e.a.r?result(0),reply(<NULL>)");
            driver.bytes(0, "a.r", "m").put(0x20, (byte) 1);
            driver.bytes(0, "b.r", "m").put(0x7f, (byte) 2);

            CoreBench.Asked chained = driver.send("event_start://e.a.r?request(8)");

            assertThat(chained.reply()).as("its chain waits for the other half").isNull();
            assertThat(driver.bytes(0, "b.r", "m").get(0x800)).isEqualTo((byte) 1);
            assertThat(driver.bytes(0, "a.r", "m").get(0x7f)).isZero();
            says(driver, 0, "event_start://here.b.r?request(9)", "event_start://here.b.r?result(0),reply(9)");
            assertThat(chained.reply()).isEqualTo("event_start://e.a.r?result(0),reply(8)");
            assertThat(driver.bytes(0, "a.r", "m").get(0x7f)).isEqualTo((byte) 2);
            says(driver, 0, "bind_delete://x.a.r", "bind_delete://x.a.r#0:180?result(0),reply(<NULL>)");
            says(driver, 0, "xfer_delete://x.a.r?request(a)", "xfer_delete://x.a.r?result(0),reply(a)");
            says(driver, 0, "smb_delete://m.a.r?request(b)", "smb_delete://m.a.r?result(0),reply(b)");
            says(driver, 0, "location_delete://a.r", "location_delete://a.r?result(0),reply(<NULL>)");
            says(driver, 0, "location_delete://r", "location_delete://r.<NULL>?result(0),reply(<NULL>)");
            says(driver, 0, "location_find://r", "location_find://r#0:0?result(0),reply(<NULL>)");
        }
    }

    @Test
    void twoNodesAreBroughtUpAndMeetInATransfer() {
        String net = ",fabric(rddma_fabric_net),dma_name(rddma_net_dma)";
        try (CoreBench driver = CoreBench.strict()) {
            says(
                    driver,
                    0,
                    "location_create://fabric#1:1?default_ops(private)" + net,
                    "location_create://fabric#1:1?result(0),reply(<NULL>)");
            says(driver, 0, "location_create://A.fabric#1", "location_create://A#1:1?result(0),reply(<NULL>)");
            says(
                    driver,
                    0,
                    "location_create://B.fabric#2?default_ops(public)",
                    "location_create://B#2:1?result(0),reply(<NULL>)");
            assertThat(driver.result(0, "smb_create://m.B.fabric:100"))
                    .as("nobody there yet")
                    .isEqualTo(1);

            says(
                    driver,
                    1,
                    "location_find://fabric?default_ops(public)" + net,
                    "location_find://fabric#1:0?result(0),reply(<NULL>)");
            says(driver, 1, "location_find://B.fabric", "location_find://B#2:2?result(0),reply(<NULL>)");
            says(driver, 1, "location_find://A.fabric", "location_find://A#1:2?result(0),reply(<NULL>)");
            says(driver, 1, "location_find://C.fabric?request(c)", "location_find://C#0:0?result(1),reply(c)");

            says(driver, 1, "smb_create://m.B.fabric:100", "smb_create://m.B.fabric#0:100?result(0),reply(<NULL>)");
            says(driver, 1, "smb_create://n.A.fabric:100", "smb_create://n.A.fabric#0:100?result(0),reply(<NULL>)");
            says(driver, 0, "smb_find://n.A.fabric", "smb_find://n.A.fabric#0:100?result(0),reply(<NULL>)");
            says(driver, 0, "smb_find://m.B.fabric?request(d)", "smb_find://m.B.fabric#0:100?result(0),reply(d)");
            says(driver, 0, "smb_mmap://m.B.fabric:100", "smb_mmap://m.B.fabric?result(1),reply(<NULL>)");
            says(driver, 0, "xfer_create://x.A.fabric", "xfer_create://x.A.fabric#0:0?result(0),reply(<NULL>)");
            says(
                    driver,
                    0,
                    "bind_create://x.A.fabric:100/m.B.fabric?event_name(go)=n.A.fabric?event_name(go),request(e)",
                    "bind_create://x.A.fabric#0:100/m.B.fabric#0:100=n.A.fabric#0:100?result(0),reply(e)");
            driver.bytes(0, "A.fabric", "n").put(9, (byte) 5);

            CoreBench.Asked here = driver.send("event_start://go.A.fabric?request(f)");
            assertThat(here.reply())
                    .as("the same name on two nodes is two events")
                    .isNull();
            says(driver, 0, "event_start://go.B.fabric?request(10)", "event_start://go.B.fabric?result(0),reply(10)");

            assertThat(here.reply()).isEqualTo("event_start://go.A.fabric?result(0),reply(f)");
            assertThat(driver.bytes(1, "B.fabric", "m").get(9)).isEqualTo((byte) 5);
            says(driver, 1, "location_create://up.B.fabric", "location_create://up#2:2?result(0),reply(<NULL>)");
            says(driver, 0, "location_find://up.B.fabric", "location_find://up#2:1?result(0),reply(<NULL>)");
        }
    }

    private static void says(CoreBench driver, int node, String command, String reply) {
        assertThat(driver.ask(node, command)).isEqualTo(reply);
    }
}
