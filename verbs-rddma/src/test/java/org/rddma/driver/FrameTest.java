package org.rddma.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.driver.emulator.DriverEmulator;
import org.rddma.driver.emulator.EmulatorOptions;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;

class FrameTest {
    private final ShufflingDriver driver = new ShufflingDriver(5);

    @AfterEach
    void close() {
        driver.close();
    }

    private static Command command(String name) {
        return Commands.eventStart(name, "L");
    }

    private static void assertErrno(int errno, org.assertj.core.api.ThrowableAssert.ThrowingCallable body) {
        assertThatThrownBy(body)
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void aSynchronousProgramDecidesStepByStep() {
        try (SynchronousFrame frame = new SynchronousFrame(RddmaConnection.over(driver, 10, TimeUnit.SECONDS))) {
            List<String> replies = new ArrayList<>();
            int done = frame.run(previous -> {
                if (previous != null) {
                    replies.add(previous.text());
                }
                return replies.size() == 3 ? null : command("e" + replies.size());
            });
            assertThat(done).isEqualTo(3);
            assertThat(replies).containsExactly("e0.L", "e1.L", "e2.L");
        }
    }

    @Test
    void aSynchronousProgramFailsWithoutAReplyAndWithABadResult() {
        try (SynchronousFrame frame = new SynchronousFrame(RddmaConnection.over(driver, 5, TimeUnit.MILLISECONDS))) {
            driver.hold();
            assertErrno(Errno.ETIMEDOUT, () -> frame.require(command("a")));
            driver.say("event_start://b.L?result(-22),reply(2)\n");
            assertErrno(Errno.EIO, () -> frame.require(command("b")));
            Thread.currentThread().interrupt();
            assertErrno(Errno.EINTR, () -> frame.require(command("c")));
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void requestsAreServedByThreadsAtTheSameTime() throws Exception {
        ThreadPerRequestFrame frame = new ThreadPerRequestFrame(AsyncConnection.over(driver), 8);
        driver.hold();
        List<CompletableFuture<String>> results = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            String name = "e" + i;
            results.add(frame.submit(
                    handle -> handle.call(command(name), 10, TimeUnit.SECONDS).text()));
        }
        Deadline.await("eight are under way", () -> driver.written() == 8);
        driver.release();
        for (int i = 0; i < 50; i++) {
            assertThat(results.get(i).get(10, TimeUnit.SECONDS)).isEqualTo("e" + i + ".L");
        }
        assertThat(frame.submit(handle -> {
                    throw new IllegalStateException("mine");
                }))
                .failsWithin(10, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("mine");
        assertThat(frame.counters().dropped()).isZero();
        frame.close();
        assertThat(frame.awaitEnd(10, TimeUnit.SECONDS)).isTrue();
        assertErrno(Errno.EBADF, () -> frame.submit(handle -> null));
    }

    @Test
    void closingEndsWhatIsServedAndCancelsWhatWaits() throws Exception {
        ThreadPerRequestFrame frame = new ThreadPerRequestFrame(AsyncConnection.over(driver), 1);
        driver.hold();
        CompletableFuture<Reply> served = frame.submit(handle -> handle.call(command("a"), 1, TimeUnit.HOURS));
        Deadline.await("it is under way", () -> driver.written() == 1);
        CompletableFuture<Reply> waits = frame.submit(handle -> handle.call(command("b"), 1, TimeUnit.HOURS));
        frame.close();
        assertThat(frame.awaitEnd(10, TimeUnit.SECONDS)).isTrue();
        assertThat(served).isDone();
        assertThat(waits).isCompletedExceptionally();
        assertErrno(Errno.EINVAL, () -> new ThreadPerRequestFrame(AsyncConnection.over(driver), 0));
    }

    @Test
    void closuresRunInTheLoopAndMayRunTheirCommandAgain() throws Throwable {
        EventLoopFrame frame = new EventLoopFrame(AsyncConnection.over(driver));
        driver.hold();
        AtomicInteger runs = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            String name = "e" + i;
            AtomicInteger left = new AtomicInteger(5);
            frame.submit(command(name), reply -> {
                assertThat(reply.text()).isEqualTo(name + ".L");
                threads.add(Thread.currentThread());
                if (runs.incrementAndGet() == 50) {
                    frame.stop();
                }
                return left.decrementAndGet() > 0;
            });
        }
        driver.release();
        Deadline.Running loop =
                Deadline.start("loop", () -> assertThat(frame.run()).isTrue());
        loop.join();
        assertThat(threads).hasSize(50).containsOnly(loop.thread());
        assertThat(driver.overtaken()).isPositive();
        assertThat(frame.counters().delivered()).isEqualTo(50);
        frame.close();
    }

    @Test
    void tasksOfOtherThreadsInterruptStopAndCloseWakeTheLoop() throws Throwable {
        EventLoopFrame frame = new EventLoopFrame(AsyncConnection.over(driver));
        CountDownLatch done = new CountDownLatch(1);
        Deadline.Running loop = Deadline.start("loop", () -> {
            assertThat(frame.run()).isFalse();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(frame.run()).isTrue();
            assertErrno(Errno.EBADF, frame::run);
        });
        frame.execute(done::countDown);
        done.await();
        assertErrno(Errno.EBUSY, frame::run);
        Deadline.awaitBlocked(loop.thread());
        loop.thread().interrupt();
        CountDownLatch again = new CountDownLatch(1);
        frame.execute(again::countDown);
        again.await();
        frame.stop();
        Deadline.awaitBlocked(loop.thread());
        frame.close();
        loop.join();
        assertErrno(Errno.EBADF, () -> frame.submit(command("a"), reply -> false));
    }

    @Test
    void whatAClosureThrowsEndsTheRunAndNothingElse() throws Throwable {
        EventLoopFrame frame = new EventLoopFrame(AsyncConnection.over(driver));
        frame.execute(() -> {
            throw new IllegalStateException("mine");
        });
        frame.execute(frame::stop);
        assertThatThrownBy(frame::run).isInstanceOf(IllegalStateException.class);
        Deadline.run(
                "loop",
                java.time.Duration.ofSeconds(10),
                () -> assertThat(frame.run()).isTrue());
        frame.close();
    }

    @Test
    void theLoopEndsWhenTheDriverIsGone() throws Throwable {
        EventLoopFrame frame = new EventLoopFrame(AsyncConnection.over(driver));
        driver.hold();
        frame.submit(command("a"), reply -> false);
        Deadline.Running loop = Deadline.start("loop", () -> assertErrno(Errno.EIO, frame::run));
        Deadline.awaitBlocked(loop.thread());
        driver.goAway();
        loop.join();
        frame.close();
    }

    @Test
    void aFrameThatCannotBeOpenedLeavesNoOpenFileBehind(@TempDir Path folder) {
        try (DriverEmulator emulator = DriverEmulator.start(EmulatorOptions.defaults())) {
            Path socket = folder.resolve("rddma");
            emulator.listen(socket);
            assertErrno(Errno.EINVAL, () -> ThreadPerRequestFrame.open(socket.toString(), 0));
            Deadline.await("nothing is open", () -> emulator.counters().opens() == 0);
        }
    }
}
