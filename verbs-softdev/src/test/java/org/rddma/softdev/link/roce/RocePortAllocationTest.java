package org.rddma.softdev.link.roce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rddma.verbs.conformance.AllocatedBytes;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;

/** A packet costs no allocation: not to send it, not to receive it, not to answer it. */
@HangGuard(seconds = 180)
class RocePortAllocationTest {
    private static final int WARM = 3_000;
    private static final int COUNTED = 3_000;

    /** What asking itself allocates, and the virtual machine now and then. */
    private static final long NOTHING = 4_096;

    @BeforeAll
    static void callByReflectionUntilThatAllocatesNothingMore() {
        for (int i = 0; i < 50; i++) {
            assertThat(AllocatedBytes.ofThisThread()).isPositive();
        }
    }

    static Stream<Arguments> settings() {
        RoceSettings plain = RoceSettings.of(PortPeer.address("127.0.2.2"));
        return Stream.of(
                Arguments.of("plain", plain, 0),
                Arguments.of("spinning", plain.withSpinMicros(20), 0),
                Arguments.of("marked", plain, 0x20));
    }

    /** Answers each packet, and counts what its thread allocates meanwhile. */
    private static final class Echo implements PacketSink {
        private final Path back;
        private final byte[] data = new byte[64];
        private int waiting;
        private long before;
        private volatile int came;
        private volatile long allocated = -1;

        Echo(Path back) {
            this.back = back;
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // by one thread
        public void receive(ReceivedPacket packet, TransmitBatch answers) {
            waiting++;
            came++;
            if (came == WARM) {
                before = AllocatedBytes.ofThisThread();
            } else if (came == WARM + COUNTED) {
                allocated = AllocatedBytes.ofThisThread() - before;
            }
        }

        @Override
        public boolean endRound(TransmitBatch answers) {
            while (back != null && waiting > 0) {
                if (answers.isFull()) {
                    answers.send();
                }
                PortPeer.put(answers, 1, data, back);
                waiting--;
            }
            return false;
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("settings")
    void noPacketAllocates(String name, RoceSettings settings, int trafficClass) {
        try (PortPeer one = new PortPeer("127.0.2.1");
                PortPeer other = new PortPeer(settings)) {
            Echo here = new Echo(null);
            Echo there = new Echo(other.pathTo(one.port.gid(), trafficClass, 0, 0xC000));
            one.sink = here;
            other.sink = there;
            Path path = one.pathTo(other.port.gid(), trafficClass, 0, 0xC000);
            byte[] data = new byte[64];
            Deadline.await("the first packets are echoed", () -> send(one, data, path, here, WARM));
            long before = AllocatedBytes.ofThisThread();
            assertThat(send(one, data, path, here, WARM + COUNTED)).isTrue();
            long allocated = AllocatedBytes.ofThisThread() - before;
            Deadline.await("all are counted", () -> {
                one.send(1, data, path);
                return here.allocated >= 0 && there.allocated >= 0;
            });
            assertThat(allocated).as("sender").isLessThan(NOTHING);
            assertThat(there.allocated).as("echo").isLessThan(NOTHING);
            assertThat(here.allocated).as("receiver").isLessThan(NOTHING);
        }
    }

    /** Sends one after the other, until so many came back. */
    private static boolean send(PortPeer from, byte[] data, Path path, Echo echo, int packets) {
        long end = System.nanoTime() + 60_000_000_000L;
        while (echo.came < packets && System.nanoTime() < end) {
            int before = echo.came;
            from.send(1, data, path);
            long patience = System.nanoTime() + 10_000_000; // some are late, or lost
            while (echo.came == before && System.nanoTime() < patience) {
                Thread.onSpinWait();
            }
        }
        return echo.came >= packets;
    }
}
