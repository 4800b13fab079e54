package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.rddma.driver.DriverFile;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.internal.os.Epoll;
import org.rddma.verbs.internal.os.PollSet;

/** What an open file of a driver in user space does, call by call, as the device file would. */
@Timeout(60)
class OpenFileTest {
    private static final String UNKNOWN = "bogus://x?request(5)";
    private static final String UNKNOWN_REPLY = "bogus://x?request(5),result(10101),reply(5)\n";

    private final ByteBuffer memory = ByteBuffer.allocateDirect(DriverFile.LONGEST_REPLY);
    private DriverEmulator driver;

    @BeforeEach
    void start() {
        driver = DriverEmulator.start(EmulatorOptions.defaults());
    }

    @AfterEach
    void end() {
        driver.close();
    }

    private static int write(DriverFile file, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return file.write(ByteBuffer.allocateDirect(bytes.length).put(0, bytes), 0, bytes.length);
    }

    private String read(DriverFile file, int count) {
        int length = file.read(memory, 0, count);
        if (length < 0) {
            return "errno " + -length;
        }
        byte[] bytes = new byte[length];
        memory.get(0, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private String read(DriverFile file) {
        return read(file, memory.capacity());
    }

    private String ask(DriverFile file, String text) {
        assertThat(write(file, text)).isEqualTo(text.length());
        assertThat(file.await(-1)).isTrue();
        return read(file);
    }

    private static boolean pollin(DriverFile file) {
        PollSet set = new PollSet(1);
        set.set(0, file.fd());
        return set.poll(0) == 1;
    }

    /** A location with a barrier for so many. */
    private void barrier(DriverFile file, int count) {
        assertThat(ask(file, "location_create://l?default_ops(private)")).contains("result(0)");
        assertThat(ask(file, "sync_create://s.l#" + count)).contains("result(0)");
    }

    @Test
    void aReadGivesOneReply() {
        try (DriverFile file = driver.open(false)) {
            int unused = write(file, UNKNOWN);
            unused = write(file, "bogus://y");

            assertThat(read(file)).isEqualTo(UNKNOWN_REPLY);
            assertThat(read(file)).isEqualTo("bogus://y?result(10101),reply(0)\n");
        }
    }

    @Test
    void aShortReadLeavesTheRestForTheNextOneAndTheDescriptorReadable() {
        try (DriverFile file = driver.open(true)) {
            String first = ask(file, UNKNOWN);
            assertThat(write(file, UNKNOWN)).isPositive();
            assertThat(file.await(-1)).isTrue();
            StringBuilder pieces = new StringBuilder();
            while (pieces.length() < first.length()) {
                assertThat(pollin(file)).isTrue();
                pieces.append(read(file, 7));
            }
            assertThat(pieces).hasToString(UNKNOWN_REPLY);
            assertThat(pollin(file)).isFalse();
            assertThat(read(file)).isEqualTo("errno " + Errno.EAGAIN);
        }
    }

    @Test
    void aNonBlockingReadWithoutAReplyIsToldToTryAgain() {
        try (DriverFile file = driver.open(true)) {
            assertThat(read(file)).isEqualTo("errno " + Errno.EAGAIN);
        }
    }

    @Test
    void onlyTheFirstLineOfAWriteIsACommand() {
        try (DriverFile file = driver.open(false)) {
            assertThat(write(file, UNKNOWN + "\nbogus://y\n")).isEqualTo(UNKNOWN.length() + 11);
            assertThat(read(file)).isEqualTo(UNKNOWN_REPLY);
            assertThat(pollin(file)).isFalse();
        }
    }

    @Test
    void allLinesOfAWriteAreCommandsWhereTheDriverSaysSo() {
        try (DriverEmulator all =
                        DriverEmulator.start(EmulatorOptions.defaults().withFirstLineOnly(false));
                DriverFile file = all.open(false)) {
            int unused = write(file, UNKNOWN + "\nbogus://y\n");
            assertThat(read(file)).isEqualTo(UNKNOWN_REPLY);
            assertThat(read(file)).isEqualTo("bogus://y?result(10101),reply(0)\n");
            assertThat(pollin(file)).isFalse();
        }
    }

    @Test
    void theReplyOfABlockingWriteCanBeReadWhenItReturns() {
        try (DriverFile file = driver.open(false)) {
            for (int i = 0; i < 1_000; i++) {
                int unused = write(file, UNKNOWN);
                assertThat(pollin(file)).isTrue();
                assertThat(read(file)).isEqualTo(UNKNOWN_REPLY);
                assertThat(pollin(file)).isFalse();
            }
        }
    }

    @Test
    void theDescriptorChangesForAnEdgeTriggeredEpollWithEachReply() {
        try (DriverFile file = driver.open(true);
                Epoll epoll = new Epoll(1)) {
            epoll.add(file.fd(), true, 0);
            for (int i = 0; i < 100; i++) {
                assertThat(write(file, UNKNOWN)).isPositive();
                assertThat(epoll.await(10_000)).isEqualTo(1);
                assertThat(epoll.await(0)).isZero();
                assertThat(read(file)).isEqualTo(UNKNOWN_REPLY);
            }
        }
    }

    @Test
    void whatWaitsIsOvertakenWhenNothingBlocks() {
        try (DriverFile file = driver.open(true)) {
            barrier(file, 2);
            assertThat(write(file, "sync_wait://s.l?request(1)")).isPositive();
            assertThat(ask(file, UNKNOWN)).isEqualTo(UNKNOWN_REPLY);
            List<String> replies = new ArrayList<>();
            replies.add(ask(file, "sync_send://s.l?request(2)"));
            assertThat(file.await(-1)).isTrue();
            replies.add(read(file));
            assertThat(replies).anyMatch(reply -> reply.contains("reply(1)"));
            assertThat(replies).anyMatch(reply -> reply.contains("reply(2)"));
        }
    }

    @Test
    void blockingWritesAreAnsweredInTheirOrder() throws Throwable {
        try (DriverFile file = driver.open(false);
                DriverFile other = driver.open(true)) {
            barrier(other, 2);
            Deadline.Running first = Deadline.start("first", () -> write(file, "sync_wait://s.l?request(1)"));
            Deadline.awaitBlocked(first.thread());
            Deadline.Running second = Deadline.start("second", () -> write(file, UNKNOWN));
            Deadline.awaitBlocked(second.thread());
            assertThat(pollin(file)).isFalse();

            assertThat(ask(other, "sync_send://s.l")).contains("result(0)");
            first.join();
            second.join();
            assertThat(read(file)).contains("reply(1)");
            assertThat(read(file)).isEqualTo(UNKNOWN_REPLY);
        }
    }

    @Test
    void repliesOfAClosedFileAreDroppedAndItsCommandsDone() {
        try (DriverFile other = driver.open(true)) {
            barrier(other, 2);
            try (DriverFile file = driver.open(true)) {
                assertThat(write(file, "sync_wait://s.l")).isPositive();
            }
            Deadline.await("one open left", () -> driver.counters().opens() == 1);
            assertThat(ask(other, "sync_wait://s.l")).contains("result(0)"); // returns because both have arrived
            Deadline.await("the other reply is dropped", () -> driver.counters().dropped() == 1);
        }
    }

    /** Starts a wait, ends it by something, and tells which errno it ended with. */
    private static int errnoOfWait(Deadline.Body wait, DriverFile file, boolean close) throws Throwable {
        AtomicReference<VerbsException> failure = new AtomicReference<>();
        Deadline.Running running = Deadline.start("waiting", () -> {
            try {
                wait.run();
            } catch (VerbsException e) {
                failure.set(e);
            }
        });
        Deadline.awaitBlocked(running.thread());
        if (close) {
            file.close();
        } else {
            running.thread().interrupt();
        }
        running.join();
        return failure.get() == null ? 0 : failure.get().errno();
    }

    @Test
    void anInterruptEndsEveryWait() throws Throwable {
        try (DriverFile file = driver.open(false);
                DriverFile other = driver.open(true)) {
            barrier(other, 9);
            assertThat(errnoOfWait(() -> read(file), file, false)).isEqualTo(Errno.EINTR);
            assertThat(errnoOfWait(() -> file.await(-1), file, false)).isEqualTo(Errno.EINTR);
            assertThat(errnoOfWait(() -> write(file, "sync_wait://s.l"), file, false))
                    .isEqualTo(Errno.EINTR);
        }
    }

    @Test
    void aCloseEndsEveryWait() throws Throwable {
        try (DriverFile other = driver.open(true)) {
            barrier(other, 9);
            for (int i = 0; i < 3; i++) {
                DriverFile file = driver.open(false);
                Deadline.Body wait = i == 0
                        ? () -> read(file)
                        : i == 1 ? () -> file.await(-1) : () -> write(file, "sync_wait://s.l");
                assertThat(errnoOfWait(wait, file, true)).isEqualTo(Errno.EBADF);
                file.close();
                assertThatThrownBy(() -> write(file, UNKNOWN)).isInstanceOf(VerbsException.class);
            }
        }
    }

    @Test
    void theDriversEndEndsEveryWait() throws Throwable {
        try (DriverFile file = driver.open(false)) {
            Deadline.Running reading = Deadline.start(
                    "reading",
                    () -> assertThatThrownBy(() -> read(file))
                            .isInstanceOfSatisfying(
                                    VerbsException.class,
                                    e -> assertThat(e.errno()).isEqualTo(Errno.EIO)));
            Deadline.awaitBlocked(reading.thread());
            driver.close();
            reading.join();
        }
    }

    @Test
    void aWaitEndsAfterItsTime() {
        try (DriverFile file = driver.open(true)) {
            assertThat(file.await(1_000_000)).isFalse();
        }
    }

    @Test
    void theSharedDriverStartsWithTheFirstOpenAndEndsWithTheLastClose() {
        try (DriverFile first = DriverEmulator.openShared(true)) {
            assertThat(ask(first, "location_create://l?default_ops(private)")).contains("result(0)");
            try (DriverFile second = DriverEmulator.openShared(true)) {
                assertThat(ask(second, "location_find://l")).contains("result(0)");
            }
        }
        try (DriverFile again = DriverEmulator.openShared(true)) {
            assertThat(ask(again, "location_find://l")).doesNotContain("result(0)");
        }
    }
}
