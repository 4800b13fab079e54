package org.rddma.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rddma.driver.emulator.DriverEmulator;
import org.rddma.driver.emulator.EmulatorOptions;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.internal.channel.DescriptorWait;

class AioConnectionTest {
    private static final int PLACES = 32;

    private final DriverEmulator emulator =
            DriverEmulator.start(EmulatorOptions.defaults().withOvertaking(7));
    private final AioConnection connection = AioConnection.over(emulator.open(true), PLACES);
    private final AioCompletion[] taken = new AioCompletion[PLACES];

    @BeforeEach
    void makeALocationAndABarrier() {
        Command[] commands = {
            Command.parse("location_create://L?default_ops(private)"), Command.parse("sync_create://s.L#2")
        };
        for (Command command : commands) {
            assertThat(connection.submit(command, AioConnection.replyBuffer(), 0))
                    .isTrue();
            assertThat(connection.completions(taken)).isEqualTo(1);
            assertThat(taken[0].reply().result()).isZero();
        }
    }

    @AfterEach
    void close() {
        connection.close();
        emulator.close();
    }

    private static final Command PARKS = Command.parse("sync_wait://s.L");
    private static final Command RELEASES = Command.parse("sync_send://s.L");

    private static Command buffer(int number) {
        return Commands.smbCreate("b" + number, "L", 0, 64);
    }

    private static void assertErrno(int errno, org.assertj.core.api.ThrowableAssert.ThrowingCallable body) {
        assertThatThrownBy(body)
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void repliesThatOvertakeEachOtherComeWithTheirCookiesIntoTheirBuffers() {
        Map<Long, ByteBuffer> buffers = new HashMap<>();
        assertThat(connection.submit(PARKS, AioConnection.replyBuffer(), 1)).isTrue();
        int next = 0;
        for (int done = 0; done < 500; ) {
            while (next < 500) {
                ByteBuffer buffer = AioConnection.replyBuffer();
                long cookie = 0xffff_ffff_0000_0000L + next;
                if (!connection.submit(buffer(next), buffer, cookie)) {
                    break;
                }
                buffers.put(cookie, buffer);
                next++;
            }
            int count = connection.completions(taken);
            for (int i = 0; i < count; i++) {
                long number = taken[i].cookie() - 0xffff_ffff_0000_0000L;
                assertThat(taken[i].reply().text()).isEqualTo("b" + number + ".L#0:40");
                assertThat(taken[i].buffer()).isEqualTo(buffers.remove(taken[i].cookie()));
                assertThat(taken[i].result())
                        .isEqualTo(buffer((int) number).toString().length());
            }
            done += count;
        }
        assertThat(buffers).isEmpty();
        assertThat(connection.underWay()).as("all have overtaken the first").isEqualTo(1);
        awaitRelease();
    }

    private void awaitRelease() {
        assertThat(connection.submit(RELEASES, AioConnection.replyBuffer(), 2)).isTrue();
        long cookies = 0;
        for (int done = 0; done < 2; ) {
            int count = connection.completions(taken);
            for (int i = 0; i < count; i++) {
                cookies |= taken[i].cookie();
            }
            done += count;
        }
        assertThat(cookies).isEqualTo(3);
        assertThat(connection.underWay()).isZero();
    }

    @Test
    void aCommandThatParksCompletesWhenItIsReleased() {
        assertThat(connection.submit(PARKS, AioConnection.replyBuffer(), 1)).isTrue();
        assertThat(connection.completions(taken, 5, TimeUnit.MILLISECONDS)).isZero();
        awaitRelease();
    }

    @Test
    void theDescriptorIsReadableWhileThereAreMoreCompletionsThanWereTaken() {
        for (int i = 0; i < 5; i++) {
            assertThat(connection.submit(buffer(i), AioConnection.replyBuffer(), i))
                    .isTrue();
        }
        AioCompletion[] one = new AioCompletion[1];
        for (int i = 0; i < 5; i++) {
            awaitReadable();
            assertThat(connection.completions(one, 10, TimeUnit.SECONDS)).isEqualTo(1);
        }
    }

    private void awaitReadable() {
        DescriptorWait poll = new DescriptorWait("the test", () -> {});
        assertThat(poll.await(connection.fd(), false, -1, TimeUnit.SECONDS.toNanos(10), "test"))
                .isTrue();
        poll.close();
    }

    @Test
    void whenAllPlacesAreTakenNothingMoreIsAccepted() {
        for (int i = 0; i < PLACES; i++) {
            assertThat(connection.submit(buffer(i), AioConnection.replyBuffer(), i))
                    .isTrue();
        }
        assertThat(connection.submit(buffer(99), AioConnection.replyBuffer(), 99))
                .isFalse();
        assertThat(connection.completions(taken)).isPositive();
        assertThat(connection.submit(buffer(99), AioConnection.replyBuffer(), 99))
                .isTrue();
    }

    @Test
    void buffersThatTheRealDriverWouldOverrunAreRefused() {
        ByteBuffer page = ByteBuffer.allocateDirect(3 * 4096).alignedSlice(4096);
        ByteBuffer[] bad = {
            null,
            ByteBuffer.allocate(4096),
            ByteBuffer.allocateDirect(AioConnection.REPLY_BYTES - 1),
            AioConnection.replyBuffer().asReadOnlyBuffer(),
            page.duplicate().position(4096 - AioConnection.REPLY_BYTES + 1)
        };
        for (ByteBuffer buffer : bad) {
            assertErrno(Errno.EINVAL, () -> connection.submit(buffer(1), buffer, 0));
        }
        assertThat(connection.underWay()).isZero();
        ByteBuffer good = page.duplicate().position(4096 - AioConnection.REPLY_BYTES);
        assertThat(connection.submit(buffer(1), good, 0)).isTrue();
        assertThat(connection.completions(taken)).isEqualTo(1);
        assertThat(taken[0].reply().succeeded()).isTrue();
        assertErrno(Errno.EINVAL, () -> connection.completions(new AioCompletion[0]));
        assertErrno(Errno.EINVAL, () -> AioConnection.open(null, 0));
    }

    @Test
    void timeoutInterruptAndCloseEndTheWait() throws Throwable {
        assertThat(connection.submit(PARKS, AioConnection.replyBuffer(), 1)).isTrue();
        assertThat(connection.completions(taken, 0, TimeUnit.SECONDS)).isZero();
        assertThat(connection.completions(taken, 5, TimeUnit.MILLISECONDS)).isZero();
        Deadline.Running interrupted = Deadline.start("waiter", () -> {
            assertThat(connection.completions(new AioCompletion[1])).isZero();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        });
        Deadline.awaitBlocked(interrupted.thread());
        interrupted.thread().interrupt();
        interrupted.join();
        Deadline.Running closed = Deadline.start(
                "waiter", () -> assertErrno(Errno.EBADF, () -> connection.completions(new AioCompletion[1])));
        Deadline.awaitBlocked(closed.thread());
        connection.close();
        closed.join();
        assertErrno(Errno.EBADF, () -> connection.submit(PARKS, AioConnection.replyBuffer(), 1));
        assertErrno(Errno.EBADF, connection::fd);
    }

    @Test
    void whenTheDriverGoesAwayEachCommandUnderWayCompletesOnceWithAnInputOutputError() throws Throwable {
        assertThat(connection.submit(PARKS, AioConnection.replyBuffer(), 5)).isTrue();
        Deadline.Running waiter = Deadline.start("waiter", () -> {
            AioCompletion[] one = new AioCompletion[1];
            assertThat(connection.completions(one)).isEqualTo(1);
            assertThat(one[0].cookie()).isEqualTo(5);
            assertThat(one[0].result()).isEqualTo(-Errno.EIO);
            assertThatThrownBy(one[0]::reply).isInstanceOf(RddmaSyntaxException.class);
            assertErrno(Errno.EIO, () -> connection.completions(one));
        });
        Deadline.awaitBlocked(waiter.thread());
        emulator.close();
        waiter.join();
        assertErrno(Errno.EIO, () -> connection.submit(PARKS, AioConnection.replyBuffer(), 1));
    }

    @Test
    void repliesThatDidNotFitIntoTheSocketAreAnnouncedWhenTheyCanBeTaken() throws Throwable {
        int many = 1000;
        AioConnection wide = AioConnection.over(emulator.open(true), many);
        Deadline.run("taker", java.time.Duration.ofSeconds(20), () -> {
            AioCompletion[] all = new AioCompletion[many + 1];
            for (int round = 0; round < 5; round++) {
                long before = emulator.counters().replies();
                for (int i = 0; i < many; i++) {
                    while (!wide.submit(Commands.smbFind("x", "L"), AioConnection.replyBuffer(), i)) {
                        Thread.onSpinWait();
                    }
                }
                Deadline.await("all are answered", () -> emulator.counters().replies() == before + many);
                for (int left = many; left > 0; ) {
                    left -= wide.completions(all);
                }
            }
        });
        wide.close();
    }

    @Test
    void commandsThatDoNotParkOvertakeEachOtherToo() {
        long last = -1;
        int overtaken = 0;
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < PLACES; i++) {
                long cookie = round * (long) PLACES + i;
                assertThat(connection.submit(buffer((int) cookie), AioConnection.replyBuffer(), cookie))
                        .isTrue();
            }
            while (connection.underWay() > 0) {
                int count = connection.completions(taken);
                for (int i = 0; i < count; i++) {
                    assertThat(taken[i].reply().text()).isEqualTo("b" + taken[i].cookie() + ".L#0:40");
                    overtaken += taken[i].cookie() < last ? 1 : 0;
                    last = Math.max(last, taken[i].cookie());
                }
            }
        }
        assertThat(overtaken).as("replies behind that of a later command").isPositive();
    }

    @Test
    void theReplyIsPutWhereTheBufferStoodWhateverTheCallerDoesWithItMeanwhile() {
        ByteBuffer buffer = AioConnection.replyBuffer();
        buffer.put("x".repeat(AioConnection.REPLY_BYTES).getBytes(StandardCharsets.ISO_8859_1))
                .rewind();
        assertThat(connection.submit(buffer(1), buffer, 1)).isTrue();
        buffer.position(100).limit(200);
        assertThat(connection.completions(taken)).isEqualTo(1);
        assertThat(taken[0].reply().text()).isEqualTo("b1.L#0:40");
        assertThat(buffer.get(0)).isEqualTo((byte) 's');
        assertThat(taken[0].buffer().get(taken[0].length())).as("the end").isZero();
    }

    @Test
    void aSubmitToADriverThatIsGoneIsAnInputOutputError() {
        emulator.close();
        assertErrno(Errno.EIO, () -> connection.submit(PARKS, AioConnection.replyBuffer(), 1));
        assertThat(connection.underWay()).isZero();
    }
}
