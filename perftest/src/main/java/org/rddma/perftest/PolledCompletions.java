package org.rddma.perftest;

import org.rddma.verbs.CompletionQueue;

/** Spins on the rings. */
final class PolledCompletions extends Completions {
    PolledCompletions(Settings settings, Control control, Lane[] lanes) {
        super(settings, control, lanes);
    }

    @Override
    void arm(QueueSet set) {
        // nothing sleeps
    }

    @Override
    boolean await(QueueSet set, int end) {
        CompletionQueue[] queues = set.queues;
        int i = set.next;
        int looks = 0;
        while (true) {
            int count = queues[i].poll(batch);
            i = i + 1 < queues.length ? i + 1 : 0;
            if (count > 0) {
                set.next = i;
                credit(count);
                return true;
            }
            emptyPolls++;
            if (control.isAnyOf(end)) {
                return false;
            }
            pause(looks++);
        }
    }
}
