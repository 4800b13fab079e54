package org.rddma.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rddma.driver.emulator.DriverEmulator;
import org.rddma.driver.emulator.EmulatorOptions;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.internal.os.EventFd;

/** What becomes of a command when something happens between the moment it has its place and that it is submitted. */
class AioPlaceTest {
    private static final Command COMMAND = Commands.smbFind("b", "L");

    private final DriverEmulator emulator = DriverEmulator.start(EmulatorOptions.defaults());
    private final DriverFile file = emulator.open(true);
    private final EventFd event = EventFd.counter("test");
    private final Port port = new Port();
    private final AioConnection connection = new AioConnection(port, event, 2);
    private final AioCompletion[] taken = new AioCompletion[2];

    @AfterEach
    void close() {
        connection.close();
        emulator.close();
    }

    /** Does what the test says, in the call. */
    private final class Port implements AioPort {
        private IntUnaryOperator submitting = place -> 0;
        private int completed = -1;
        private boolean gone;

        @Override
        public int submit(int place, byte[] text, java.nio.ByteBuffer reply, long cookie) {
            return submitting.applyAsInt(place);
        }

        @Override
        public int take(int most, Sink sink) {
            if (gone) {
                throw new VerbsException("completions", Errno.EIO, "gone");
            }
            if (completed >= 0) {
                sink.completed(completed, 1, 0);
                completed = -1;
            }
            return 0;
        }

        @Override
        public int hangUp() {
            return file.fd();
        }

        @Override
        public void close(boolean underWay) {
            file.close();
            event.close();
        }
    }

    private static void assertErrno(int errno, org.assertj.core.api.ThrowableAssert.ThrowingCallable body) {
        assertThatThrownBy(body)
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private static void inAnotherThread(Deadline.Body body) {
        Deadline.check("another", java.time.Duration.ofSeconds(10), body);
    }

    private int takeNow() {
        return connection.completions(taken, 0, java.util.concurrent.TimeUnit.SECONDS);
    }

    private void driverIsFoundGone() {
        inAnotherThread(() -> {
            port.gone = true;
            assertErrno(Errno.EIO, this::takeNow);
        });
    }

    @Test
    void aSubmitThatFailsWhileTheDriverIsFoundGoneCompletesNothing() {
        port.submitting = place -> {
            driverIsFoundGone();
            return -Errno.EIO;
        };
        assertErrno(Errno.EIO, () -> connection.submit(COMMAND, AioConnection.replyBuffer(), 1));
        assertErrno(Errno.EIO, this::takeNow);
        assertThat(connection.underWay()).isZero();
    }

    @Test
    void aSubmitThatGetsThroughAfterTheDriverWasFoundGoneFailsAndCompletesNothing() {
        port.submitting = place -> {
            driverIsFoundGone();
            return 0;
        };
        assertErrno(Errno.EIO, () -> connection.submit(COMMAND, AioConnection.replyBuffer(), 1));
        assertErrno(Errno.EIO, this::takeNow);
        assertThat(connection.underWay()).isZero();
    }

    @Test
    void aReplyThatComesBeforeItsSubmitReturnsIsOfAnAcceptedCommand() {
        port.submitting = place -> {
            inAnotherThread(() -> {
                port.completed = place;
                assertThat(takeNow()).isEqualTo(1);
            });
            return 0;
        };
        assertThat(connection.submit(COMMAND, AioConnection.replyBuffer(), 1)).isTrue();
        assertThat(taken[0].cookie()).isEqualTo(1);
        assertThat(connection.underWay()).isZero();
    }

    @Test
    void aReplyToWhatWasNeverSentDoesNotFreeThePlaceOfAnother() {
        port.submitting = place -> {
            inAnotherThread(() -> {
                port.completed = place;
                assertThat(takeNow()).isEqualTo(1);
                port.submitting = again -> 0;
                assertThat(connection.submit(COMMAND, AioConnection.replyBuffer(), 2))
                        .isTrue();
            });
            return -Errno.EAGAIN;
        };
        assertThat(connection.submit(COMMAND, AioConnection.replyBuffer(), 1)).isFalse();
        assertThat(connection.underWay()).isEqualTo(1);
        port.gone = true;
        assertThat(takeNow()).isEqualTo(1);
        assertThat(taken[0].cookie()).isEqualTo(2);
        assertErrno(Errno.EIO, this::takeNow);
    }

    @Test
    void whatAGoneDriverLeavesIsTakenInAsManyPartsAsThereIsRoomFor() {
        AioCompletion[] one = new AioCompletion[1];
        assertThat(connection.submit(COMMAND, AioConnection.replyBuffer(), 1)).isTrue();
        assertThat(connection.submit(COMMAND, AioConnection.replyBuffer(), 2)).isTrue();
        port.gone = true;
        long cookies = 0;
        for (int i = 0; i < 2; i++) {
            assertThat(connection.completions(one)).isEqualTo(1);
            cookies |= one[0].cookie();
        }
        assertThat(cookies).isEqualTo(3);
        assertErrno(Errno.EIO, () -> connection.completions(one));
    }
}
