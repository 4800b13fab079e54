package org.rddma.perftest;

import org.rddma.softdev.SoftCompletionQueue;
import org.rddma.softdev.SoftContext;
import org.rddma.softdev.SoftDevice;
import org.rddma.softdev.SoftQueuePair;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.conformance.AllocatedBytes;

/**
 * A program for {@link InliningTest}, which reads what the compiler says about its calls: one call in each method. It uses four
 * providers elsewhere first.
 */
final class InlinedCalls {
    private static final int ELSEWHERE = 6_000;
    private static final int ROUNDS = 40_000;
    private static final int MEASURED = 40_000;

    private InlinedCalls() {}

    static int pollDirectly(SoftCompletionQueue queue, WorkCompletion[] completions) {
        return queue.poll(completions);
    }

    static boolean armDirectly(SoftCompletionQueue queue) {
        return queue.requestNotify(NotificationType.ANY);
    }

    static SendRequest postDirectly(SoftQueuePair pair, SendRequest write) {
        return pair.postSend(write);
    }

    static int pollByInterface(CompletionQueue queue, WorkCompletion[] completions) {
        return queue.poll(completions);
    }

    static boolean armByInterface(CompletionQueue queue) {
        return queue.requestNotify(NotificationType.ANY);
    }

    static SendRequest postByInterface(QueuePair pair, SendRequest write) {
        return pair.postSend(write);
    }

    private static void directly(SoftCompletionQueue queue, SoftQueuePair pair, SendRequest write, int rounds) {
        WorkCompletion[] completions = new WorkCompletion[] {new WorkCompletion()};
        for (int i = 0; i < rounds; i++) {
            check(postDirectly(pair, write) == null);
            check(pollDirectly(queue, completions) == 1);
            check(pollDirectly(queue, completions) == 0);
            check(!armDirectly(queue));
            if (queue.channel().tryGetEvent() != null) {
                queue.ackEvents(1);
            }
        }
    }

    private static void byInterface(CompletionQueue queue, QueuePair pair, SendRequest write, int rounds) {
        WorkCompletion[] completions = new WorkCompletion[] {new WorkCompletion()};
        for (int i = 0; i < rounds; i++) {
            check(postByInterface(pair, write) == null);
            check(pollByInterface(queue, completions) == 1);
            check(pollByInterface(queue, completions) == 0);
            check(!armByInterface(queue));
            if (queue.channel().tryGetEvent() != null) {
                queue.ackEvents(1);
            }
        }
    }

    private static void check(boolean condition) {
        if (!condition) {
            throw new IllegalStateException("a call did not do what it should");
        }
    }

    /** The arrays of completions, made once for each run, are all that may be seen. */
    private static long bytes(Runnable run) {
        long before = AllocatedBytes.ofThisThread();
        run.run();
        return AllocatedBytes.ofThisThread() - before;
    }

    public static void main(String[] arguments) {
        try (Elsewhere elsewhere = new Elsewhere();
                SoftContext own = SoftDevice.open("soft0");
                Context opened = Verbs.open("soft0")) {
            elsewhere.use(ELSEWHERE);
            WriteLoop direct = new WriteLoop(own);
            WriteLoop chosen = new WriteLoop(opened);
            SoftCompletionQueue queue = (SoftCompletionQueue) direct.queue;
            SoftQueuePair pair = (SoftQueuePair) direct.pair;
            SendRequest write = direct.write();
            SendRequest other = chosen.write();
            directly(queue, pair, write, ROUNDS);
            byInterface(chosen.queue, chosen.pair, other, ROUNDS);
            System.out.println("bytes directly " + bytes(() -> directly(queue, pair, write, MEASURED)));
            System.out.println(
                    "bytes by interface " + bytes(() -> byInterface(chosen.queue, chosen.pair, other, MEASURED)));
        }
    }
}
