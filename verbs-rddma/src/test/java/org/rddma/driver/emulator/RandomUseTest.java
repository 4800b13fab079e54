package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.driver.DriverFile;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;

/**
 * Many threads use the same files at random, and close them under each other: nothing hangs, no descriptor is left, and
 * none is closed that belongs to someone else by then.
 */
@Timeout(60)
class RandomUseTest {
    private static final int THREADS = 6;
    private static final int FILES = 4;
    private static final int STEPS = 3_000;
    private static final byte[] COMMAND = "bogus://x?request(5)".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path folder;

    private final AtomicReferenceArray<DriverFile> files = new AtomicReferenceArray<>(FILES);
    private final AtomicInteger replies = new AtomicInteger();

    @Test
    void filesAreClosedOnceAndNeverUnderACall() throws Throwable {
        DriverEmulator.openShared(true).close(); // whatever is loaded by the first use stays open
        int before = OpenDescriptors.count();
        try (DriverEmulator driver = DriverEmulator.start(EmulatorOptions.defaults())) {
            Path path = folder.resolve("driver");
            driver.listen(path);
            for (int i = 0; i < FILES; i++) {
                files.set(i, open(driver, path, i));
            }
            List<Deadline.Running> threads = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Random random = new Random(i);
                threads.add(Deadline.start("user " + i, () -> use(driver, path, random)));
            }
            for (Deadline.Running thread : threads) {
                thread.join(Duration.ofSeconds(30));
            }
            for (int i = 0; i < FILES; i++) {
                files.get(i).close();
            }
            Deadline.await("all are closed", () -> driver.counters().opens() == 0);
            assertThat(driver.counters().internalErrors()).isZero();
            assertThat(replies.get()).isPositive();
        }
        assertThat(OpenDescriptors.count()).isEqualTo(before);
    }

    private static DriverFile open(DriverEmulator driver, Path path, int kind) {
        boolean nonBlocking = (kind & 1) == 0;
        return (kind & 2) == 0 ? driver.open(nonBlocking) : DriverEmulator.connect(path, nonBlocking);
    }

    private void use(DriverEmulator driver, Path path, Random random) {
        ByteBuffer memory = ByteBuffer.allocateDirect(DriverFile.LONGEST_REPLY);
        for (int i = 0; i < STEPS; i++) {
            int place = random.nextInt(FILES);
            DriverFile file = files.get(place);
            try {
                step(file, random, memory);
                if (random.nextInt(20) == 0) {
                    DriverFile next = open(driver, path, random.nextInt(4));
                    DriverFile last = files.getAndSet(place, next);
                    last.close();
                    last.close();
                }
            } catch (VerbsException e) {
                if (e.errno() != Errno.EBADF) { // another one has closed it
                    throw e;
                }
            }
        }
    }

    private void step(DriverFile file, Random random, ByteBuffer memory) {
        switch (random.nextInt(5)) {
            case 0, 1 -> {
                int written = file.write(memory.put(0, COMMAND), 0, COMMAND.length);
                assertThat(written).isIn(COMMAND.length, -Errno.EAGAIN);
            }
            case 2, 3 -> read(file, memory, random.nextBoolean() ? memory.capacity() : 7);
            default -> file.nonBlocking(file.nonBlocking());
        }
    }

    /** Only what is there, so that no thread waits for what another has taken. */
    private void read(DriverFile file, ByteBuffer memory, int room) {
        if (file.nonBlocking() && file.await(0)) {
            int read = file.read(memory, 0, room);
            if (read > 0) {
                replies.incrementAndGet();
                assertThat("bogus://x?request(5),result(10101),reply(5)\n").contains(text(memory, read));
            } else {
                assertThat(read).isEqualTo(-Errno.EAGAIN);
            }
        }
    }

    private static String text(ByteBuffer memory, int length) {
        byte[] bytes = new byte[length];
        memory.get(0, bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
