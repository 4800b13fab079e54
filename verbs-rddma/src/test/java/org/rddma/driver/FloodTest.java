package org.rddma.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;

/** A driver that says something all the time, but never what is waited for, holds nobody for ever. */
class FloodTest {
    /** There is always a line, and never room for a command unless it is told so. */
    private static final class FloodingDriver extends DriverFile {
        private volatile boolean takes;
        private volatile boolean closed;

        @Override
        public int fd() {
            return 0;
        }

        @Override
        public boolean nonBlocking() {
            return true;
        }

        @Override
        public void nonBlocking(boolean nonBlocking) {}

        @Override
        public int write(ByteBuffer text, int offset, int length) {
            requireOpen();
            return takes ? length : -Errno.EAGAIN;
        }

        @Override
        public int read(ByteBuffer into, int offset, int length) {
            requireOpen();
            into.put(offset, (byte) 'x').put(offset + 1, (byte) '\n');
            return 2;
        }

        @Override
        public boolean await(long nanos) {
            requireOpen();
            return true;
        }

        private void requireOpen() {
            if (closed) {
                throw new VerbsException("test", Errno.EBADF, "closed");
            }
        }

        @Override
        public ByteBuffer map(long mmapOffset, long length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static final Command COMMAND = Commands.eventStart("e", "L");

    private final FloodingDriver driver = new FloodingDriver();

    @AfterEach
    void close() {
        driver.close();
    }

    private static void assertErrno(int errno, org.assertj.core.api.ThrowableAssert.ThrowingCallable body) {
        assertThatThrownBy(body)
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void aCallEndsWithItsTimeout() throws Throwable {
        RddmaConnection connection = RddmaConnection.over(driver, 20, TimeUnit.MILLISECONDS);
        Deadline.Running caller = Deadline.start("caller", () -> {
            assertThat(connection.call(COMMAND)).isNull();
            driver.takes = true;
            assertThat(connection.call(COMMAND)).isNull();
        });
        caller.join();
    }

    @Test
    void aCallEndsWithAnInterrupt() throws Throwable {
        for (boolean takes : new boolean[] {false, true}) {
            driver.takes = takes;
            RddmaConnection connection = RddmaConnection.over(driver, -1, TimeUnit.SECONDS);
            Deadline.Running caller = Deadline.start("caller", () -> {
                assertThat(connection.call(COMMAND)).isNull();
                assertThat(Thread.interrupted()).isTrue();
            });
            Deadline.await("lines are read", () -> connection.counters().unreadable() > 1_000);
            caller.thread().interrupt();
            caller.join();
        }
    }

    @Test
    void aThreadThatInvokesIsWokenAlsoWhileAnotherDispatches() throws Throwable {
        for (boolean dispatches : new boolean[] {false, true}) {
            AsyncConnection connection = AsyncConnection.over(driver);
            if (dispatches) {
                connection.startDispatcher();
            }
            Deadline.Running invoker =
                    Deadline.start("invoker", () -> assertErrno(Errno.EINTR, () -> connection.invoke(COMMAND)));
            Deadline.await("lines are read", () -> connection.counters().unreadable() > 1_000);
            invoker.thread().interrupt();
            invoker.join();
        }
    }

    @Test
    void dispatchingEndsAlthoughThereIsAlwaysMore() throws Throwable {
        AsyncConnection connection = AsyncConnection.over(driver);
        Deadline.Running dispatcher = Deadline.start(
                "dispatcher",
                () -> assertThat(connection.dispatch(0, TimeUnit.SECONDS)).isPositive());
        dispatcher.join();
    }
}
