package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.internal.os.Os;
import org.rddma.verbs.internal.os.SharedMemory;

/** Buffers: pages of the driver that can be mapped, and memory of a process. */
class BufferTest {
    private static final int PID = (int) ProcessHandle.current().pid();
    private static final CoreBench.Peer SELF = new CoreBench.Peer(PID, 0);

    private final CoreBench driver = CoreBench.relaxed();

    @BeforeEach
    void location() {
        driver.ok("location_create://l?default_ops(private)", "xfer_create://x.l");
    }

    @AfterEach
    void end() {
        driver.close();
    }

    private static long ticket(String reply) {
        int from = reply.indexOf("mmap_offset(") + 12;
        return Long.parseLong(reply.substring(from, reply.indexOf(')', from)), 16);
    }

    private String map(ByteBuffer memory, String name) {
        return driver.ask(
                SELF,
                "smb_create://" + name + ".l?map_address(" + Long.toHexString(Os.addressOf(memory)) + "),map_extent("
                        + Integer.toHexString(memory.capacity()) + "),mytid(" + PID + ")");
    }

    private void copy(String to, String from, int length, int expected) {
        driver.ok("bind_create://x.l:" + Integer.toHexString(length) + "/" + to + ".l?event_name(" + to + from + ")="
                + from + ".l?event_name(" + to + from + ")");
        assertThat(driver.code("event_start://" + to + from + ".l")).isEqualTo(expected);
    }

    @Test
    void aTicketsDescriptorMapsThePagesOfTheBuffer() {
        driver.ok("smb_create://m.l#20:2000");
        long whole = ticket(driver.ask("smb_mmap://m.l:2000"));
        long second = ticket(driver.ask("mmap_create://m.l#1000:800"));
        driver.bytes("m").put(0, (byte) 1).put(0x1000, (byte) 2);

        assertThat(driver.core.memoryDescriptor(whole, 0x3001)).isEqualTo(-22);
        assertThat(driver.core.memoryDescriptor(whole + 0x1000, 0x1000)).isEqualTo(-22);
        assertThat(driver.core.memoryDescriptor(whole, 0)).isEqualTo(-22);
        ByteBuffer all = map(whole, 0x3000);
        ByteBuffer part = map(second, 0x1000);

        assertThat(all.get(0x20)).isEqualTo((byte) 1);
        assertThat(part.get(0x20)).isEqualTo((byte) 2);
        part.put(0x21, (byte) 3);
        assertThat(driver.bytes("m").get(0x1001)).isEqualTo((byte) 3);
    }

    private ByteBuffer map(long ticket, long length) {
        int fd = driver.core.memoryDescriptor(ticket, length);
        return SharedMemory.map(fd, driver.core.memoryOffset(ticket), length, "mmap");
    }

    @Test
    void aMappingOutlivesItsBufferButTheTicketDoesNot() {
        driver.ok("smb_create://m.l:1000");
        long ticket = ticket(driver.ask("smb_mmap://m.l:1000"));
        ByteBuffer mapped = map(ticket, 0x1000);

        driver.ok("smb_delete://m.l");
        mapped.put(0, (byte) 4);

        assertThat(mapped.get(0)).isEqualTo((byte) 4);
        assertThat(driver.core.memoryDescriptor(ticket, 0x1000)).isEqualTo(-22);
    }

    @Test
    void askingTwiceForTheSameGivesTheSameTicket() {
        driver.ok("smb_create://m.l:1000");
        long first = ticket(driver.ask("mmap_create://m.l:1000"));

        assertThat(ticket(driver.ask("mmap_create://m.l:1000"))).isEqualTo(first);
        assertThat(ticket(driver.ask("mmap_find://m.l:1000"))).isEqualTo(first);
        long bound = ticket(driver.ask("smb_mmap://m.l:1000"));
        assertThat(ticket(driver.ask("smb_mmap://m.l:1000"))).isEqualTo(bound).isNotEqualTo(first);
        assertThat(ticket(driver.ask("mmap_find://m.l:800"))).isZero();
    }

    @Test
    void aProcessTakesItsTicketsAlong() {
        driver.ok("smb_create://m.l:1000");
        long mine = ticket(driver.ask(SELF, "smb_mmap://m.l:1000"));
        long another = ticket(driver.ask(new CoreBench.Peer(PID + 1, 0), "smb_mmap://m.l:1000"));

        driver.core.processGone(PID);

        assertThat(driver.core.memoryDescriptor(mine, 1)).isEqualTo(-22);
        assertThat(driver.core.memoryDescriptor(another, 1)).isGreaterThanOrEqualTo(0);
    }

    @Test
    void memoryOfAProcessIsCopiedFromAndTo() {
        int length = 200_001;
        ByteBuffer from = ByteBuffer.allocateDirect(length);
        ByteBuffer to = ByteBuffer.allocateDirect(length);
        for (int at = 0; at < length; at++) {
            from.put(at, (byte) (at * 31));
        }
        driver.ok("smb_create://m.l:" + Integer.toHexString(length));
        long offset = Os.addressOf(from) & 0xfff;

        assertThat(map(from, "u")).startsWith("smb_create://u.l#" + Long.toHexString(offset) + ":30d41?result(0)");
        assertThat(map(to, "v")).contains("result(0)");
        copy("m", "u", length, 0);
        copy("v", "m", length, 0);
        assertThat(to).isEqualTo(from);

        for (int at = 0; at < length; at++) {
            to.put(at, (byte) 0);
        }
        copy("v", "u", length, 0);
        assertThat(to).isEqualTo(from);
    }

    @Test
    void memoryOfAnotherProcessIsNotGiven() {
        String text = "smb_create://u.l?map_address(1000),map_extent(10),mytid(";
        assertThat(CoreBench.result(driver.ask(SELF, text + "1)"))).isEqualTo(-1);
        assertThat(CoreBench.result(driver.ask(SELF, text + PID + ")"))).isEqualTo(-14);
        assertThat(CoreBench.result(driver.ask(SELF, "smb_create://u.l:10?map_address(q)")))
                .isEqualTo(-22);
        assertThat(CoreBench.result(driver.ask(SELF, "smb_create://u.l?map_address(1000)")))
                .isEqualTo(-22);
        assertThat(driver.code("smb_find://u.l")).isEqualTo(1);
    }

    @Test
    void memoryThatIsPartlyMissingFailsTheTransferOnly() {
        ByteBuffer small = ByteBuffer.allocateDirect(16);
        driver.ok("smb_create://m.l:1000");
        assertThat(map(small, "u")).contains("result(0)");
        driver.core.processGone(PID);

        copy("m", "u", 16, -5);
        copy("u", "m", 16, -5);
        assertThat(small.get(0)).isZero();
        assertThat(driver.code("smb_mmap://u.l:10")).as("nobody can map it").isEqualTo(-19);
    }

    @Test
    void overlappingRangesEndUpAsIfTheSourceHadBeenReadFirst() {
        int length = 3 << 20;
        driver.ok("smb_create://m.l:" + Integer.toHexString(length + 64));
        for (int[] way : new int[][] {{5, 0}, {0, 5}, {64, 0}, {0, 0}}) {
            ByteBuffer bytes = driver.bytes("m");
            byte[] expected = new byte[length];
            for (int at = 0; at < length; at++) {
                expected[at] = (byte) (at * 7 + way[0]);
            }
            bytes.put(way[1], expected);
            String event = "o" + way[0] + "_" + way[1];
            driver.ok("bind_create://x.l:" + Integer.toHexString(length) + "/m.l#" + Integer.toHexString(way[0])
                    + "?event_name(" + event + ")=m.l#" + Integer.toHexString(way[1]) + "?event_name(" + event + ")");

            assertThat(driver.code("event_start://" + event + ".l")).isZero();

            byte[] copied = new byte[length];
            bytes.get(way[0], copied);
            assertThat(copied).isEqualTo(expected);
        }
    }
}
