package org.rddma.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.rddma.driver.emulator.DriverEmulator;
import org.rddma.driver.emulator.EmulatorOptions;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;

class SignalAioConnectionTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final DriverEmulator emulator =
            DriverEmulator.start(EmulatorOptions.defaults().withOvertaking(3));

    @AfterEach
    void close() {
        emulator.close();
    }

    private SignalAioConnection open(int places) {
        SignalAioConnection connection = SignalAioConnection.over(AioConnection.over(emulator.open(true), places));
        for (String command : new String[] {"location_create://L?default_ops(private)", "sync_create://s.L#2"}) {
            AioCompletion[] one = new AioCompletion[1];
            assertThat(connection.submit(Command.parse(command), AioConnection.replyBuffer(), 0))
                    .isTrue();
            assertThat(connection.completions(one)).isEqualTo(1);
        }
        return connection;
    }

    private static final Command PARKS = Command.parse("sync_wait://s.L");

    private static void assertErrno(int errno, org.assertj.core.api.ThrowableAssert.ThrowingCallable body) {
        assertThatThrownBy(body)
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void repliesThatOvertakeEachOtherAreAnnouncedOneByOne() throws Throwable {
        Deadline.run("owner", LIMIT, () -> {
            SignalAioConnection connection = open(1000);
            Set<Long> seen = new HashSet<>();
            assertThat(connection.submit(PARKS, AioConnection.replyBuffer(), 999))
                    .isTrue();
            for (int i = 0; i < 300; i++) {
                Command command = Commands.smbCreate("b" + i, "L", 0, 64);
                while (!connection.submit(command, AioConnection.replyBuffer(), i)) {
                    Thread.onSpinWait();
                }
            }
            AioCompletion[] taken = new AioCompletion[7];
            while (seen.size() < 300) {
                int count = connection.completions(taken);
                for (int i = 0; i < count; i++) {
                    assertThat(taken[i].reply().text()).isEqualTo("b" + taken[i].cookie() + ".L#0:40");
                    assertThat(seen.add(taken[i].cookie())).isTrue();
                }
            }
            assertThat(connection.completions(taken, 1, TimeUnit.MILLISECONDS))
                    .as("all have overtaken the first")
                    .isZero();
            assertThat(connection.submit(Command.parse("sync_send://s.L"), AioConnection.replyBuffer(), 1000))
                    .isTrue();
            for (int done = 0; done < 2; ) {
                done += connection.completions(taken);
            }
            connection.close();
        });
    }

    @Test
    void timeoutInterruptAndCloseEndTheWait() throws Throwable {
        AtomicReference<SignalAioConnection> opened = new AtomicReference<>();
        CountDownLatch waiting = new CountDownLatch(1);
        CountDownLatch waitingAgain = new CountDownLatch(1);
        Deadline.Running owner = Deadline.start("owner", () -> {
            SignalAioConnection connection = open(4);
            AioCompletion[] one = new AioCompletion[1];
            assertThat(connection.submit(PARKS, AioConnection.replyBuffer(), 1)).isTrue();
            assertThat(connection.completions(one, 0, TimeUnit.SECONDS)).isZero();
            assertThat(connection.completions(one, 5, TimeUnit.MILLISECONDS)).isZero();
            opened.set(connection);
            waiting.countDown();
            assertThat(connection.completions(one)).isZero();
            assertThat(Thread.interrupted()).isTrue();
            waitingAgain.countDown();
            assertErrno(Errno.EBADF, () -> connection.completions(one));
            open(4).close(); // the thread is free for another one
        });
        waiting.await();
        assertErrno(Errno.EPERM, () -> opened.get().completions(new AioCompletion[1]));
        owner.thread().interrupt();
        waitingAgain.await();
        opened.get().close();
        opened.get().close();
        owner.join();
    }

    @Test
    void anotherThreadMaySubmitAndTheOwnerIsWokenOfItsWait() throws Throwable {
        AtomicReference<SignalAioConnection> opened = new AtomicReference<>();
        CountDownLatch ready = new CountDownLatch(1);
        Deadline.Running owner = Deadline.start("owner", () -> {
            SignalAioConnection connection = open(4);
            opened.set(connection);
            ready.countDown();
            AioCompletion[] one = new AioCompletion[1];
            assertThat(connection.completions(one)).isEqualTo(1);
            assertThat(one[0].cookie()).isEqualTo(Long.MIN_VALUE);
            connection.close();
        });
        ready.await();
        assertThat(opened.get().submit(Commands.smbFind("x", "L"), AioConnection.replyBuffer(), Long.MIN_VALUE))
                .isTrue();
        owner.join();
    }

    @Test
    void whenTheDriverGoesAwayTheCommandsUnderWayAreAnnouncedAsFailed() throws Throwable {
        Deadline.run("owner", LIMIT, () -> {
            SignalAioConnection connection = open(4);
            AioCompletion[] one = new AioCompletion[1];
            assertThat(connection.submit(PARKS, AioConnection.replyBuffer(), 9)).isTrue();
            emulator.close();
            assertThat(connection.completions(one)).isEqualTo(1);
            assertThat(one[0].result()).isEqualTo(-Errno.EIO);
            assertErrno(Errno.EIO, () -> connection.completions(one));
            connection.close();
        });
    }

    @Test
    void aThreadHasOneAndMayDieWithoutClosingIt() throws Throwable {
        AtomicReference<SignalAioConnection> opened = new AtomicReference<>();
        Deadline.run("owner", LIMIT, () -> {
            opened.set(open(4));
            assertErrno(Errno.EBUSY, () -> open(4));
            assertThat(opened.get().submit(PARKS, AioConnection.replyBuffer(), 1))
                    .isTrue();
        });
        assertThat(opened.get().submit(Command.parse("sync_send://s.L"), AioConnection.replyBuffer(), 2))
                .isTrue();
        opened.get().close();
    }

    @Test
    void interruptAndCloseEndTheWaitAlsoWhenTheSystemTakesNoMoreSignals() throws Throwable {
        AtomicReference<SignalAioConnection> opened = new AtomicReference<>();
        CountDownLatch waitingAgain = new CountDownLatch(1);
        Deadline.Running owner = Deadline.start("owner", () -> {
            SignalAioConnection connection = open(4);
            AioCompletion[] one = new AioCompletion[1];
            opened.set(connection);
            assertThat(connection.completions(one)).isZero();
            assertThat(Thread.interrupted()).isTrue();
            waitingAgain.countDown();
            assertErrno(Errno.EBADF, () -> connection.completions(one));
        });
        Deadline.await("it is open", () -> opened.get() != null);
        awaitItsWait(owner.thread());
        String limit =
                pendingSignals("--output=SOFT", "--noheadings", "--sigpending").strip();
        String unused = pendingSignals("--sigpending=0:");
        try {
            owner.thread().interrupt();
            assertThat(waitingAgain.await(10, TimeUnit.SECONDS)).isTrue();
            awaitItsWait(owner.thread());
            opened.get().close();
            owner.join();
        } finally {
            String unusedToo = pendingSignals("--sigpending=" + limit + ":");
        }
    }

    private static void awaitItsWait(Thread thread) {
        Deadline.await(
                "it waits for a signal",
                () -> Arrays.stream(thread.getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().equals("around")));
    }

    /** Asks for or sets the process's limit of signals. */
    private static String pendingSignals(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("prlimit", "--pid", "" + ProcessHandle.current().pid()));
        command.addAll(List.of(arguments));
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return Assumptions.abort("this needs the command prlimit");
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
