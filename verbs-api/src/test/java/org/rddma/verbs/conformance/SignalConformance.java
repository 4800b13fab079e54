package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.NotificationType;

/**
 * Signals whose handlers do not restart system calls (those of profilers, and the one of the JDK that is used here): where C
 * programs see EINTR, a wait goes on here, for as long as was asked. verbs-semantics §1.11(8), java-practice 4.5.
 */
public abstract class SignalConformance extends DeviceConformance {
    /** SIGRTMAX-2, which the JDK handles in order to wake threads from system calls. */
    private static final int SIGNAL = 62;

    private CompletionChannel channel;
    private CompletionQueue queue;
    private Ticker ticker;

    @BeforeEach
    final void makeQueue() throws IOException {
        channel = context.createCompletionChannel();
        queue = queueOn(channel, 64);
        ticker = new Ticker(context, queue);
        Pipe pipe = Pipe.open(); // the JDK puts its handler in place
        pipe.sink().close();
        pipe.source().close();
        long caught = Files.readString(Path.of("/proc/self/status"))
                .lines()
                .filter(line -> line.startsWith("SigCgt:"))
                .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                .findFirst()
                .orElse(0);
        Assumptions.assumeTrue(
                (caught >>> SIGNAL - 1 & 1) == 1, "this JDK does not handle the signal, which would kill us");
    }

    /** The number that the system gives to the calling thread. */
    private static int threadNumber() throws IOException {
        return Integer.parseInt(
                Path.of("/proc/thread-self").toRealPath().getFileName().toString());
    }

    private static boolean isInPoll(Thread thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        return stack.length > 0 && stack[0].isNativeMethod();
    }

    private static void signal(int thread) {
        // the thread may be gone by now: then nothing is signalled
        int unused = NativeLibrary.getInstance("c")
                .getFunction("tgkill")
                .invokeInt(new Object[] {(int) ProcessHandle.current().pid(), thread, SIGNAL});
    }

    /** How often the thread has left a system call by itself, or by a signal. */
    private static long switches(int thread) {
        try {
            return Files.readString(Path.of("/proc/self/task/" + thread + "/status"))
                    .lines()
                    .filter(line -> line.startsWith("voluntary_ctxt_switches:"))
                    .mapToLong(line -> Long.parseLong(line.substring(24).strip()))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @DisplayName("§1.11(8) signals do not end a wait: only the event does")
    final void endlessWait() throws Throwable {
        AtomicInteger thread = new AtomicInteger();
        Deadline.Running waiter = Deadline.start("waits", () -> {
            thread.set(threadNumber());
            assertThat(channel.getEvent()).isSameAs(queue);
            queue.ackEvents(1);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        });
        for (int i = 0; i < 100; i++) {
            Deadline.awaitBlocked(waiter.thread());
            long before = switches(thread.get());
            signal(thread.get());
            Deadline.await("the thread was woken, and sleeps again", () -> switches(thread.get()) > before);
            assertThat(waiter.isAlive()).isTrue();
        }
        queue.requestNotify(NotificationType.ANY);
        ticker.unsolicited(1);
        waiter.join();
    }

    @Test
    @DisplayName("§1.11(8) signals neither shorten nor lengthen a wait with a timeout")
    final void timedWait() throws Throwable {
        long millis = 100;
        AtomicInteger thread = new AtomicInteger();
        long[] waited = new long[1];
        Deadline.Running waiter = Deadline.start("waits", () -> {
            thread.set(threadNumber());
            long start = System.nanoTime();
            assertThat(channel.getEvent(millis, TimeUnit.MILLISECONDS)).isNull();
            waited[0] = System.nanoTime() - start;
        });
        Deadline.await("the thread", () -> thread.get() != 0);
        while (waiter.isAlive()) { // every few milliseconds: a wait that began anew each time would never end
            if (isInPoll(waiter.thread())) {
                signal(thread.get());
            }
            LockSupport.parkNanos(3_000_000);
        }
        waiter.join(Duration.ofSeconds(5));
        assertThat(waited[0]).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
