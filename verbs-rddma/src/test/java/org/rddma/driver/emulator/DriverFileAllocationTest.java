package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.rddma.driver.DriverFile;
import org.rddma.verbs.conformance.AllocatedBytes;
import org.rddma.verbs.conformance.Deadline;

/** Writing, waiting and reading allocate nothing, whichever buffers and however many threads: only the driver does. */
@Timeout(60)
class DriverFileAllocationTest {
    private static final byte[] COMMAND = "bogus://x?request(5)".getBytes(StandardCharsets.US_ASCII);
    private static final int ROUNDS = 3_000;
    /** Of the measurement itself, and of what the compiler moves. */
    private static final int NOISE = 2_048;

    private DriverEmulator driver;

    @BeforeEach
    void start() {
        driver = DriverEmulator.start(EmulatorOptions.defaults());
    }

    @AfterEach
    void end() {
        driver.close();
    }

    private static ByteBuffer buffer() {
        return ByteBuffer.allocateDirect(DriverFile.LONGEST_REPLY).put(0, COMMAND);
    }

    /** What the calling thread allocates, at best: the compiler may still be at work at first. */
    private static long allocatedBy(Runnable round) {
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 4 && least > NOISE; attempt++) {
            long before = AllocatedBytes.ofThisThread();
            for (int i = 0; i < ROUNDS; i++) {
                round.run();
            }
            least = Math.min(least, AllocatedBytes.ofThisThread() - before);
        }
        return least;
    }

    private static void require(boolean condition) {
        if (!condition) {
            throw new AssertionError("a call has failed");
        }
    }

    private static void askAndWait(DriverFile file, ByteBuffer out, ByteBuffer in, int room) {
        require(file.write(out, 0, COMMAND.length) == COMMAND.length);
        require(file.await(-1));
        for (int rest = 44; rest > 0; ) {
            int read = file.read(in, 0, room);
            require(read > 0);
            rest -= read;
        }
    }

    @Test
    void aNonBlockingFileWithAlternatingBuffers() {
        ByteBuffer[] out = {buffer(), buffer(), buffer()};
        ByteBuffer[] in = {buffer(), buffer(), buffer()};
        int[] turn = new int[1];
        try (DriverFile file = driver.open(true)) {
            assertThat(allocatedBy(() -> {
                        int i = turn[0]++ % 3;
                        askAndWait(file, out[i], in[i], DriverFile.LONGEST_REPLY);
                    }))
                    .isLessThanOrEqualTo(NOISE);
        }
    }

    @Test
    void aBlockingFileWithAlternatingBuffers() {
        ByteBuffer[] out = {buffer(), buffer()};
        ByteBuffer[] in = {buffer(), buffer()};
        int[] turn = new int[1];
        try (DriverFile file = driver.open(false)) {
            assertThat(allocatedBy(() -> {
                        int i = turn[0]++ % 2;
                        askAndWait(file, out[i], in[i], DriverFile.LONGEST_REPLY);
                    }))
                    .isLessThanOrEqualTo(NOISE);
        }
    }

    @Test
    void aReplyThatIsReadInPieces() {
        ByteBuffer out = buffer();
        ByteBuffer in = buffer();
        try (DriverFile file = driver.open(true)) {
            assertThat(allocatedBy(() -> askAndWait(file, out, in, 10))).isLessThanOrEqualTo(NOISE);
        }
    }

    @Test
    void aReadAndAWaitThatFindNothing() {
        ByteBuffer in = buffer();
        try (DriverFile file = driver.open(true)) {
            assertThat(allocatedBy(() -> {
                        require(!file.await(0));
                        require(file.read(in, 0, DriverFile.LONGEST_REPLY) < 0);
                    }))
                    .isLessThanOrEqualTo(NOISE);
        }
    }

    @Test
    void severalThreadsThatWriteFromBuffersOfTheirOwn() throws Throwable {
        try (DriverFile file = driver.open(true)) {
            ByteBuffer in = buffer();
            long[] allocated = new long[2];
            List<Deadline.Running> writers = new ArrayList<>();
            for (int i = 0; i < allocated.length; i++) {
                int number = i;
                ByteBuffer out = buffer();
                writers.add(Deadline.start(
                        "writer",
                        () -> allocated[number] = allocatedBy(() -> {
                            while (file.write(out, 0, COMMAND.length) < 0) {
                                Thread.onSpinWait();
                            }
                        })));
            }
            while (writers.stream().anyMatch(Deadline.Running::isAlive)) {
                if (file.await(1_000_000)) {
                    require(file.read(in, 0, DriverFile.LONGEST_REPLY) > 0);
                }
            }
            for (Deadline.Running writer : writers) {
                writer.join();
            }
            assertThat(Math.max(allocated[0], allocated[1])).isLessThanOrEqualTo(NOISE);
        }
    }
}
