package org.rddma.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;

class AsyncConnectionTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ShufflingDriver driver = new ShufflingDriver(42);
    private final AsyncConnection connection = AsyncConnection.over(driver);

    @AfterEach
    void close() {
        connection.close();
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
    void repliesThatOvertakeEachOtherComeToTheirOwners() {
        driver.hold();
        List<AsyncHandle> handles = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            handles.add(connection.invoke(command("e" + i)));
        }
        connection.startDispatcher();
        driver.release();
        for (int i = 0; i < 200; i++) {
            assertThat(handles.get(i).await().text()).isEqualTo("e" + i + ".L");
            handles.get(i).close();
        }
        assertThat(driver.overtaken()).isPositive();
        assertThat(connection.counters()).isEqualTo(new ReplyCounters(200, 0, 0, 0, 0));
    }

    @Test
    void withoutADispatcherAThreadOfYoursDispatches() {
        AsyncHandle one = connection.invoke(command("one"));
        AsyncHandle two = connection.invoke(command("two"));
        int read = 0;
        while (read < 2) {
            read += connection.dispatch(10, TimeUnit.SECONDS);
        }
        assertThat(one.await(0, TimeUnit.SECONDS).text()).isEqualTo("one.L");
        assertThat(two.await(0, TimeUnit.SECONDS).text()).isEqualTo("two.L");
        assertThat(connection.dispatch(1, TimeUnit.MILLISECONDS)).isZero();
        connection.startDispatcher();
        assertErrno(Errno.EBUSY, () -> connection.dispatch(0, TimeUnit.SECONDS));
        assertErrno(Errno.EBUSY, connection::startDispatcher);
    }

    @Test
    void aHandleHasOneRequestAtATime() {
        connection.startDispatcher();
        driver.hold();
        AsyncHandle handle = connection.handle();
        assertErrno(Errno.EINVAL, handle::await);
        handle.invoke(command("a"));
        assertErrno(Errno.EBUSY, () -> handle.invoke(command("b")));
        assertThat(handle.isBusy()).isTrue();
        driver.release();
        Deadline.await("the reply is there", () -> connection.counters().delivered() == 1);
        assertErrno(Errno.EBUSY, () -> handle.invoke(command("b")));
        assertThat(handle.await().text()).isEqualTo("a.L");
        assertThat(handle.isBusy()).isFalse();
        assertThat(handle.call(command("b"), 10, TimeUnit.SECONDS).text()).isEqualTo("b.L");
        assertThat(driver.written()).isEqualTo(2);
    }

    @Test
    void aTimeoutLeavesTheRequestAndCancellingDropsAndCountsItsReply() {
        connection.startDispatcher();
        driver.hold();
        AsyncHandle handle = connection.invoke(command("a"));
        assertThat(handle.await(5, TimeUnit.MILLISECONDS)).isNull();
        assertThat(handle.isBusy()).isTrue();
        assertThat(handle.cancel()).isTrue();
        assertThat(handle.cancel()).isFalse();
        assertThat(connection.counters().reserved()).isEqualTo(1);
        handle.invoke(command("b"));
        driver.release();
        assertThat(handle.await().text()).isEqualTo("b.L");
        Deadline.await("the late reply is dropped", () -> connection.counters().late() == 1);
        assertThat(connection.counters()).isEqualTo(new ReplyCounters(1, 1, 0, 0, 0));
    }

    @Test
    void aCallGivesUpWhenItsTimeIsOver() {
        connection.startDispatcher();
        driver.hold();
        AsyncHandle handle = connection.handle();
        assertThat(handle.call(command("a"), 5, TimeUnit.MILLISECONDS)).isNull();
        assertThat(handle.isBusy()).isFalse();
        driver.release();
        Deadline.await("the late reply is dropped", () -> connection.counters().late() == 1);
    }

    @Test
    void linesThatBelongToNobodyAreDroppedAndCounted() {
        driver.say("event_start://a.L?result(0),reply(77)\n");
        driver.say("event_start://a.L?result(0),reply(<NULL>)\n");
        driver.say("nonsense\n");
        driver.say("\n");
        Deadline.await("all are read", () -> {
            int unused = connection.dispatch(0, TimeUnit.SECONDS);
            return connection.counters().dropped() == 4;
        });
        assertThat(connection.counters()).isEqualTo(new ReplyCounters(0, 0, 2, 2, 0));
    }

    @Test
    void anInterruptEndsTheWaitAndStaysSet() throws Throwable {
        driver.hold();
        AsyncHandle handle = connection.invoke(command("a"));
        Deadline.Running waiter = Deadline.start("waiter", () -> {
            assertThat(handle.await()).isNull();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        });
        Deadline.awaitBlocked(waiter.thread());
        waiter.thread().interrupt();
        waiter.join();
        Deadline.Running dispatcher = Deadline.start("dispatching", () -> {
            assertThat(connection.dispatch(1, TimeUnit.HOURS)).isZero();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        });
        Deadline.awaitBlocked(dispatcher.thread());
        dispatcher.thread().interrupt();
        dispatcher.join();
        driver.release();
        connection.startDispatcher();
        assertThat(handle.await().text()).isEqualTo("a.L");
    }

    @Test
    void theDispatcherOutlivesAnInterrupt() {
        connection.startDispatcher();
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("rddma dispatcher " + connection.fd()))
                .forEach(Thread::interrupt);
        assertThat(connection.handle().call(command("a"), 10, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void closingEndsAllWaits() throws Throwable {
        driver.hold();
        List<Deadline.Running> waiters = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            AsyncHandle handle = connection.invoke(command("e" + i));
            waiters.add(Deadline.start("waiter " + i, () -> assertErrno(Errno.EBADF, handle::await)));
        }
        waiters.add(Deadline.start(
                "dispatching", () -> assertErrno(Errno.EBADF, () -> connection.dispatch(1, TimeUnit.HOURS))));
        for (Deadline.Running waiter : waiters) {
            Deadline.awaitBlocked(waiter.thread());
        }
        connection.close();
        connection.close();
        for (Deadline.Running waiter : waiters) {
            waiter.join();
        }
        assertErrno(Errno.EBADF, () -> connection.invoke(command("x")));
        assertErrno(Errno.EBADF, connection::startDispatcher);
    }

    @Test
    void closingAHandleEndsItsWaitOnly() throws Throwable {
        driver.hold();
        AsyncHandle one = connection.invoke(command("one"));
        AsyncHandle two = connection.invoke(command("two"));
        Deadline.Running waiter = Deadline.start("waiter", () -> assertErrno(Errno.EBADF, one::await));
        Deadline.awaitBlocked(waiter.thread());
        one.close();
        waiter.join();
        assertErrno(Errno.EBADF, () -> one.invoke(command("x")));
        driver.release();
        connection.startDispatcher();
        assertThat(two.await().text()).isEqualTo("two.L");
        Deadline.await("the other reply is dropped", () -> connection.counters().late() == 1);
    }

    @Test
    void whenTheDriverGoesAwayAllWaitsEndWithAnInputOutputError() throws Throwable {
        connection.startDispatcher();
        driver.hold();
        AsyncHandle handle = connection.invoke(command("a"));
        Deadline.Running waiter = Deadline.start("waiter", () -> assertErrno(Errno.EIO, handle::await));
        Deadline.awaitBlocked(waiter.thread());
        driver.goAway();
        waiter.join();
        assertErrno(Errno.EIO, () -> connection.invoke(command("b")));
    }

    @Test
    void aDriverThatWantsItsRepliesReadFirstIsObeyedWithoutADispatcher() throws Throwable {
        driver.takeAtMost(3);
        List<AsyncHandle> handles = new ArrayList<>();
        Deadline.run("invokes", LIMIT, () -> {
            for (int i = 0; i < 100; i++) {
                handles.add(connection.invoke(command("e" + i)));
            }
        });
        connection.startDispatcher();
        for (int i = 0; i < 100; i++) {
            assertThat(handles.get(i).await().text()).isEqualTo("e" + i + ".L");
        }
    }

    @Test
    void aThreadThatWaitsForADriverToTakeACommandIsWokenByInterruptAndClose() throws Throwable {
        driver.takeAtMost(0);
        AsyncHandle handle = connection.handle();
        Deadline.Running invoker =
                Deadline.start("invoker", () -> assertErrno(Errno.EINTR, () -> handle.invoke(command("a"))));
        Deadline.awaitBlocked(invoker.thread());
        invoker.thread().interrupt();
        invoker.join();
        assertThat(handle.isBusy()).isFalse();
        Deadline.Running other =
                Deadline.start("invoker", () -> assertErrno(Errno.EBADF, () -> handle.invoke(command("a"))));
        Deadline.awaitBlocked(other.thread());
        connection.close();
        other.join();
    }

    @Test
    void aRequestThatIsCancelledBeforeItIsSentReservesNothing() throws Throwable {
        driver.takeAtMost(0);
        AsyncHandle handle = connection.handle();
        Deadline.Running invoker =
                Deadline.start("invoker", () -> assertErrno(Errno.EINTR, () -> handle.invoke(command("a"))));
        Deadline.await("it is registered", handle::isBusy);
        assertThat(handle.cancel()).isTrue();
        assertThat(connection.counters().reserved()).isEqualTo(1);
        invoker.thread().interrupt();
        invoker.join();
        assertThat(connection.counters().reserved()).isZero();
    }

    @Test
    void theTagOfTheProgramIsReplacedAndAttachmentsStay() {
        connection.startDispatcher();
        AsyncHandle handle = connection.handle();
        assertThat(handle.attach("mine")).isNull();
        Reply reply = handle.call(command("a").withRequest("abc"), 10, TimeUnit.SECONDS);
        assertThat(reply.tag()).isEqualTo("1");
        assertThat(handle.attachment()).isEqualTo("mine");
        assertThat(handle.attach(null)).isEqualTo("mine");
    }

    /** Timeouts, cancelling and replies meet in the same moments; whatever happens, nothing is taken for another's. */
    @Test
    void whereGivingUpMeetsTheReplyItIsTakenOnceOrCountedOnce() throws Throwable {
        connection.startDispatcher();
        AtomicLong taken = new AtomicLong();
        AtomicLong sent = new AtomicLong();
        List<Deadline.Running> workers = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int worker = t;
            workers.add(Deadline.start("worker " + t, () -> {
                Random random = new Random(worker);
                AsyncHandle handle = connection.handle();
                for (int i = 0; i < 3_000; i++) {
                    String name = "w" + worker + "_" + i;
                    sent.incrementAndGet();
                    Reply reply;
                    if (random.nextBoolean()) {
                        reply = handle.call(command(name), random.nextInt(60), TimeUnit.MICROSECONDS);
                    } else {
                        handle.invoke(command(name));
                        reply = handle.await(random.nextInt(60), TimeUnit.MICROSECONDS);
                        boolean unused = handle.cancel();
                    }
                    if (reply != null) {
                        assertThat(reply.text()).isEqualTo(name + ".L");
                        taken.incrementAndGet();
                    }
                }
                handle.close();
            }));
        }
        for (Deadline.Running worker : workers) {
            worker.join(LIMIT);
        }
        Deadline.await(
                "all are answered",
                () -> connection.counters().delivered() + connection.counters().late() == sent.get());
        assertThat(connection.counters().delivered()).isEqualTo(taken.get());
        assertThat(connection.counters().reserved()).isZero();
        assertThat(connection.counters().unknown()).isZero();
        assertThat(taken.get()).isPositive();
        assertThat(connection.counters().late()).isPositive();
    }

    /** Closing meets invoking, waiting and dispatching: everybody comes out. */
    @Test
    void closingAtAnyMomentLeavesNobodyBehind() throws Throwable {
        for (int round = 0; round < 150; round++) {
            AsyncConnection some = AsyncConnection.over(new ShufflingDriver(round));
            some.startDispatcher();
            List<Deadline.Running> workers = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                workers.add(Deadline.start(
                        "worker",
                        () -> assertErrno(Errno.EBADF, () -> {
                            AsyncHandle handle = some.handle();
                            while (true) {
                                handle.invoke(command("a"));
                                assertThat(handle.await()).isNotNull();
                            }
                        })));
            }
            int target = round;
            Deadline.await("some replies", () -> some.counters().delivered() >= target);
            some.close();
            for (Deadline.Running worker : workers) {
                worker.join();
            }
        }
    }

    @Test
    void everyReplyOfAHundredThousandCommandsOfSixtyFourThreadsIsAtItsOwner() throws Throwable {
        everyReplyAtItsOwner(64, 100_000 / 64 + 1);
    }

    @Test
    @Tag("slow")
    void everyReplyOfAHundredThousandCommandsOfEachOfSixtyFourThreadsIsAtItsOwner() throws Throwable {
        everyReplyAtItsOwner(64, 100_000);
    }

    private void everyReplyAtItsOwner(int threads, int commandsEach) throws Throwable {
        connection.startDispatcher();
        List<Deadline.Running> workers = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            String prefix = "t" + t + "_";
            workers.add(Deadline.start("worker " + t, () -> {
                try (AsyncHandle handle = connection.handle()) {
                    for (int i = 0; i < commandsEach; i++) {
                        handle.invoke(command(prefix + i));
                        if (!handle.await().text().equals(prefix + i + ".L")) {
                            throw new AssertionError("not the reply to " + prefix + i);
                        }
                    }
                }
            }));
        }
        for (Deadline.Running worker : workers) {
            worker.join(Duration.ofMinutes(10));
        }
        assertThat(connection.counters()).isEqualTo(new ReplyCounters((long) threads * commandsEach, 0, 0, 0, 0));
        assertThat(driver.overtaken()).isPositive();
    }
}
