package org.rddma.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;

class RddmaConnectionTest {
    private final ShufflingDriver driver = new ShufflingDriver(1);
    private RddmaConnection connection = RddmaConnection.over(driver, 10, TimeUnit.SECONDS);

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

    private void withTimeout(long timeout, TimeUnit unit) {
        connection = RddmaConnection.over(driver, timeout, unit);
    }

    @Test
    void aCallReturnsItsReply() {
        for (int i = 0; i < 100; i++) {
            assertThat(connection.call(command("e" + i)).text()).isEqualTo("e" + i + ".L");
        }
        assertThat(connection.counters()).isEqualTo(new ReplyCounters(100, 0, 0, 0, 0));
    }

    @Test
    void betweenInvokingAndTheResultThereIsTimeForSomethingElseButNotForAnotherCommand() {
        assertThat(connection.invoke(command("a"))).isTrue();
        assertErrno(Errno.EBUSY, () -> connection.invoke(command("b")));
        assertErrno(Errno.EBUSY, () -> connection.call(command("b")));
        assertThat(connection.result().text()).isEqualTo("a.L");
        assertErrno(Errno.EINVAL, connection::result);
        assertThat(connection.invoke(command("b"))).isTrue();
        assertThat(connection.result().text()).isEqualTo("b.L");
        assertThat(driver.written()).isEqualTo(2);
    }

    @Test
    void theReplyOfACommandThatWasGivenUpIsNotTakenForTheNextOnes() {
        withTimeout(5, TimeUnit.MILLISECONDS);
        driver.hold();
        assertThat(connection.call(command("late"))).isNull();
        assertThat(connection.call(command("later"))).isNull();
        assertThat(connection.counters().reserved()).isEqualTo(2);
        driver.release();
        Deadline.await("both are answered", () -> driver.answered() == 2);
        assertThat(connection.invoke(command("now"))).isTrue();
        Deadline.await("answered", () -> driver.answered() == 3);
        assertThat(connection.result().text()).isEqualTo("now.L");
        assertThat(connection.counters()).isEqualTo(new ReplyCounters(1, 2, 0, 0, 0));
    }

    @Test
    void aResultThatDidNotComeInTimeCanBeAwaitedAgainOrCancelled() {
        withTimeout(5, TimeUnit.MILLISECONDS);
        driver.hold();
        assertThat(connection.invoke(command("a"))).isTrue();
        assertThat(connection.result()).isNull();
        driver.release();
        Deadline.await("answered", () -> driver.answered() == 1);
        assertThat(connection.result().text()).isEqualTo("a.L");
        driver.hold();
        assertThat(connection.invoke(command("b"))).isTrue();
        assertThat(connection.cancel()).isTrue();
        assertThat(connection.cancel()).isFalse();
        assertErrno(Errno.EINVAL, connection::result);
    }

    @Test
    void aTimeoutOfZeroDoesNotWait() {
        withTimeout(0, TimeUnit.SECONDS);
        driver.hold();
        assertThat(connection.call(command("a"))).isNull();
    }

    @Test
    void interruptAndCloseEndTheWait() throws Throwable {
        withTimeout(-1, TimeUnit.SECONDS);
        driver.hold();
        Deadline.Running interrupted = Deadline.start("caller", () -> {
            assertThat(connection.call(command("a"))).isNull();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        });
        Deadline.awaitBlocked(interrupted.thread());
        assertErrno(Errno.EBUSY, () -> connection.call(command("b")));
        interrupted.thread().interrupt();
        interrupted.join();
        Deadline.Running closed =
                Deadline.start("caller", () -> assertErrno(Errno.EBADF, () -> connection.call(command("c"))));
        Deadline.awaitBlocked(closed.thread());
        connection.close();
        closed.join();
        assertErrno(Errno.EBADF, () -> connection.call(command("d")));
    }

    @Test
    void aDriverThatTakesNoCommandsIsWaitedForNoLongerThanTheTimeout() {
        withTimeout(5, TimeUnit.MILLISECONDS);
        driver.takeAtMost(0);
        assertThat(connection.invoke(command("a"))).isFalse();
        assertThat(connection.call(command("a"))).isNull();
        assertThat(connection.counters()).isEqualTo(new ReplyCounters(0, 0, 0, 0, 0));
        driver.takeAtMost(1);
        withTimeout(10, TimeUnit.SECONDS);
        assertThat(connection.call(command("b")).text()).isEqualTo("b.L");
    }

    @Test
    void linesOfNobodyAreDroppedAndCounted() {
        driver.say("nonsense\n");
        driver.say("event_start://x.L?result(0),reply(beef)\n");
        assertThat(connection.call(command("a")).text()).isEqualTo("a.L");
        assertThat(connection.counters()).isEqualTo(new ReplyCounters(1, 0, 1, 1, 0));
        assertThat(connection.counters().dropped()).isEqualTo(2);
    }

    @Test
    void aDriverThatIsGoneIsAnInputOutputError() {
        driver.goAway();
        assertErrno(Errno.EIO, () -> connection.call(command("a")));
    }

    @Test
    void commandsThatWereNotTakenLeaveNothingBehind() {
        withTimeout(0, TimeUnit.SECONDS);
        driver.takeAtMost(0);
        for (int i = 0; i <= PendingReplies.LIMIT; i++) {
            assertThat(connection.invoke(command("a"))).isFalse();
        }
        driver.takeAtMost(1);
        assertThat(connection.invoke(command("b"))).isTrue();
    }

    @Test
    void aSecondThreadIsRefusedAlsoBeforeTheFirstOnesCommandIsTaken() throws Throwable {
        withTimeout(-1, TimeUnit.SECONDS);
        driver.takeAtMost(0);
        Deadline.Running first = Deadline.start(
                "first", () -> assertThat(connection.call(command("a"))).isNull());
        Deadline.awaitBlocked(first.thread());
        assertErrno(Errno.EBUSY, connection::cancel);
        assertErrno(Errno.EBUSY, () -> connection.invoke(command("b")));
        first.thread().interrupt();
        first.join();
        assertThat(connection.cancel()).isFalse();
        connection.close();
        assertErrno(Errno.EBADF, connection::cancel);
    }
}
