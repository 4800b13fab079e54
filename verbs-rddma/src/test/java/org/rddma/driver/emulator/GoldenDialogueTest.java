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

    private static void says(CoreBench driver, int node, String command, String reply) {
        assertThat(driver.ask(node, command)).isEqualTo(reply);
    }
}
