package org.rddma.verbs.internal.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;

class ThreadSignalsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final long FOREVER = -1;
    private static final int ESRCH = 3;

    @Test
    void valuesComeInOrderToTheThreadThatOpened() throws Throwable {
        AtomicReference<ThreadSignals> opened = new AtomicReference<>();
        CountDownLatch ready = new CountDownLatch(1);
        List<Long> taken = new ArrayList<>();
        Deadline.Running receiver = Deadline.start("receiver", () -> {
            ThreadSignals signals = ThreadSignals.open("test");
            opened.set(signals);
            ready.countDown();
            while (taken.size() < 1000) {
                if (signals.await(FOREVER)) {
                    taken.add(signals.value());
                }
            }
            signals.close();
        });
        ready.await();
        List<Long> sent = new ArrayList<>();
        for (long i = 0; i < 1000; i++) {
            long value = i * 0x1234_5678_9abc_def1L;
            sent.add(value);
            assertThat(opened.get().send(value)).isZero();
        }
        receiver.join();
        assertThat(taken).isEqualTo(sent);
    }

    @Test
    void waitingEndsAfterTheTimeAndByAWakeUp() throws Throwable {
        Deadline.run("receiver", LIMIT, () -> {
            ThreadSignals signals = ThreadSignals.open("test");
            try {
                assertThat(signals.await(0)).isFalse();
                assertThat(signals.await(20_000_000)).isFalse();
                Deadline.Running waker = Deadline.start("waker", signals::wakeup);
                assertThat(signals.await(FOREVER)).isFalse();
                waker.join();
                assertThat(signals.send(7)).isZero();
                assertThat(signals.await(TimeUnit.SECONDS.toNanos(10))).isTrue();
                assertThat(signals.value()).isEqualTo(7);
            } finally {
                signals.close();
            }
        });
    }

    @Test
    void closingFromElsewhereEndsTheWait() throws Throwable {
        AtomicReference<ThreadSignals> opened = new AtomicReference<>();
        CountDownLatch ready = new CountDownLatch(1);
        Deadline.Running receiver = Deadline.start("receiver", () -> {
            ThreadSignals signals = ThreadSignals.open("test");
            opened.set(signals);
            ready.countDown();
            assertThat(signals.await(FOREVER)).isFalse();
            assertThatThrownBy(() -> signals.await(FOREVER))
                    .isInstanceOfSatisfying(
                            VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
            ThreadSignals next = ThreadSignals.open("test");
            assertThat(next.send(1)).isZero();
            assertThat(next.await(FOREVER)).isTrue();
            next.close();
        });
        ready.await();
        Deadline.await(
                "it waits",
                () -> receiver.thread().getStackTrace()[0].getMethodName().equals("syscall"));
        opened.get().close();
        assertThat(opened.get().send(3)).isEqualTo(-ESRCH);
        receiver.join();
    }

    @Test
    void whatComesWhenTheThreadIsGoneReachesNobody() throws Throwable {
        List<ThreadSignals> gone = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Deadline.run("dies unclosed", LIMIT, () -> gone.add(ThreadSignals.open("test")));
        }
        for (ThreadSignals signals : gone) {
            assertThat(signals.send(1)).isEqualTo(-ESRCH);
            signals.wakeup();
            signals.close();
        }
    }

    @Test
    void theSignalIsIgnoredByThreadsThatDoNotWaitForIt() throws Throwable {
        // the raw call, as if the thread's number had been used again: the default action would end the JVM
        Deadline.run("bystander", LIMIT, () -> {
            ThreadSignals signals = ThreadSignals.open("test");
            try {
                assertThat(signalsOfThisThread("SigBlk") >> ThreadSignals.signal() - 1 & 1)
                        .isEqualTo(1);
            } finally {
                signals.close();
            }
            assertThat(signalsOfThisThread("SigBlk") >> ThreadSignals.signal() - 1 & 1)
                    .isZero();
            assertThat(signalsOfThisThread("SigIgn") >> ThreadSignals.signal() - 1 & 1)
                    .isEqualTo(1);
            ThreadSignals.sendUnchecked(signals);
            ThreadSignals next = ThreadSignals.open("test");
            try {
                ThreadSignals.sendUnchecked(signals);
                assertThat(next.send(9)).isZero();
                assertThat(next.await(0)).as("the signal of the one before").isFalse();
                assertThat(next.await(0)).isTrue();
                assertThat(next.value()).isEqualTo(9);
            } finally {
                next.close();
            }
        });
    }

    @Test
    void closingDropsWhatWasNotTakenAndTheThreadMayOpenAgain() throws Throwable {
        Deadline.run("receiver", LIMIT, () -> {
            ThreadSignals first = ThreadSignals.open("test");
            assertThatThrownBy(() -> ThreadSignals.open("test"))
                    .isInstanceOfSatisfying(
                            VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY));
            assertThat(first.send(1)).isZero();
            assertThat(first.send(2)).isZero();
            first.close();
            first.close();
            assertThat(signalsOfThisThread("SigPnd")).isZero();
            ThreadSignals second = ThreadSignals.open("test");
            assertThat(second.await(0)).isFalse();
            second.close();
        });
    }

    @Test
    void onlyTheThreadThatOpenedMayWait() throws Throwable {
        AtomicReference<ThreadSignals> opened = new AtomicReference<>();
        Deadline.run("receiver", LIMIT, () -> opened.set(ThreadSignals.open("test")));
        assertThatThrownBy(() -> opened.get().await(0))
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPERM));
    }

    private static long signalsOfThisThread(String which) throws IOException {
        return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
                .filter(line -> line.startsWith(which + ":"))
                .mapToLong(line -> Long.parseUnsignedLong(
                        line.substring(which.length() + 1).strip(), 16))
                .findAny()
                .orElseThrow();
    }
}
