package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.internal.os.PollSet;

/**
 * Polling makes no native call (design §4).
 *
 * <p>Shown by looking: one thread does nothing else but the operation, another takes its stack some thousand times. A thread in
 * native code is always ready to be looked at, one in Java code only at a safepoint, so a native call would be seen even more
 * often than it takes time: the cheapest there is through JNA takes ten times as long as a poll. The methods that the virtual
 * machine compiles without a call (intrinsics) are Java code here, as they should be. The same looking at loops that do make
 * one native call shows that it would be seen.
 */
@HangGuard(seconds = 60)
public abstract class NativeCallConformance extends DeviceConformance {
    private static final int LOOKS = 3_000;

    /** Native methods that were found on top of the stack of a thread that does this all the time, and how often. */
    private static Map<String, Integer> nativeCallsOf(BooleanSupplier operation) throws Throwable {
        boolean[] results = new boolean[1];
        java.util.concurrent.atomic.AtomicBoolean stop = new java.util.concurrent.atomic.AtomicBoolean();
        java.util.concurrent.atomic.AtomicLong rounds = new java.util.concurrent.atomic.AtomicLong();
        Deadline.Running worker = Deadline.start("is looked at", () -> {
            while (!stop.get()) {
                for (int i = 0; i < 1_000; i++) {
                    results[0] ^= operation.getAsBoolean();
                }
                rounds.incrementAndGet();
            }
        });
        Deadline.await("warm-up", () -> rounds.get() > 500 || !worker.isAlive());
        Map<String, Integer> found = new TreeMap<>();
        int looks = 0;
        while (looks < LOOKS && worker.isAlive()) {
            StackTraceElement[] stack = worker.thread().getStackTrace();
            if (stack.length > 0) {
                looks++;
                if (stack[0].isNativeMethod()) {
                    found.merge(stack[0].getClassName() + "." + stack[0].getMethodName(), 1, Integer::sum);
                }
            }
        }
        stop.set(true);
        worker.join();
        return found;
    }

    @Test
    @DisplayName("control: a native call beside the polls is seen, the cheapest and the one of an empty channel")
    final void controlSeesNativeCalls() throws Throwable {
        End end = new End(context, new EndSpec().withChannel());
        WorkCompletion completion = new WorkCompletion();
        PollSet set = new PollSet(1);
        set.set(0, end.channel.fd());
        assertThat(nativeCallsOf(() -> end.sends.poll(completion) || set.poll(0) > 0))
                .isNotEmpty();
        assertThat(nativeCallsOf(() -> {
                    boolean some = false;
                    for (int i = 0; i < 10; i++) { // diluted: one native call to ten polls
                        some |= end.sends.poll(completion);
                    }
                    return some || set.poll(0) > 0;
                }))
                .isNotEmpty();
    }

    @Test
    @DisplayName("no native call: polling an empty queue in all forms, and arming it")
    final void emptyPoll() throws Throwable {
        End end = new End(context, new EndSpec().withChannel());
        CompletionQueue queue = end.sends;
        WorkCompletion one = new WorkCompletion();
        WorkCompletion[] array = WorkCompletion.array(8);
        CompletionCursor cursor = queue.cursor();
        assertThat(nativeCallsOf(() -> queue.poll(one))).isEmpty();
        assertThat(nativeCallsOf(() -> queue.poll(array) > 0)).isEmpty();
        assertThat(nativeCallsOf(() -> queue.poll(completion -> {}, 8) > 0)).isEmpty();
        assertThat(nativeCallsOf(cursor::next)).isEmpty();
        assertThat(nativeCallsOf(() -> queue.requestNotify(NotificationType.ANY)))
                .isEmpty();
        assertThat(nativeCallsOf(() -> end.channel.tryGetEvent() != null))
                .as("an empty channel is found empty without asking the system")
                .isEmpty();
    }

    @Test
    @DisplayName("no native call: polling completions that come, in all forms, and posting while nobody is armed")
    final void messages() throws Throwable {
        assumeTrue(completesInPost(), "posting is a system call here, and done by another thread");
        Pair pair = pair(new EndSpec().withChannel());
        End a = pair.a();
        End b = pair.b();
        SendRequest send = a.request(1, 0, 64);
        ReceiveRequest receive = new ReceiveRequest(2, b.piece(0, 64));
        WorkCompletion one = new WorkCompletion();
        WorkCompletion[] array = WorkCompletion.array(8);
        CompletionCursor cursor = b.receives.cursor();
        int[] form = new int[1];
        assertThat(nativeCallsOf(() -> {
                    boolean posted = b.pair.postReceive(receive) == null && a.pair.postSend(send) == null;
                    boolean polled = a.sends.poll(one);
                    switch (form[0]++ & 3) {
                        case 0 -> polled &= b.receives.poll(one);
                        case 1 -> polled &= b.receives.poll(array) == 1;
                        case 2 -> polled &= b.receives.poll(completion -> {}, 8) == 1;
                        default -> polled &= cursor.next();
                    }
                    if (!posted || !polled) {
                        throw new AssertionError("the operation did not do what is looked at");
                    }
                    return true;
                }))
                .isEmpty();
    }
}
