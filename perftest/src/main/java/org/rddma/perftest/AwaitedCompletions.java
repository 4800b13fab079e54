package org.rddma.perftest;

import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.NotificationType;

/**
 * Sleeps on completion channels. Every queue is armed, and was empty after that, whenever this sleeps: what comes later raises
 * an event, so none is lost.
 */
final class AwaitedCompletions extends Completions {
    AwaitedCompletions(Settings settings, Control control, Lane[] lanes) {
        super(settings, control, lanes);
    }

    @Override
    void arm(QueueSet set) {
        for (CompletionQueue queue : set.queues) {
            armAndEmpty(queue);
        }
    }

    @Override
    boolean await(QueueSet set, int end) {
        if (control.isAnyOf(
                end)) { // the wake-up that came with it may have ended an earlier wait, together with an event
            return false;
        }
        CompletionQueue queue = set.channel.getEvent();
        if (queue == null) { // woken, perhaps on account of a phase that is over
            return !control.isAnyOf(end);
        }
        queue.ackEvents(1);
        events++;
        if (armAndEmpty(queue) == 0) {
            emptyWakeups++;
        }
        return true;
    }

    private int armAndEmpty(CompletionQueue queue) {
        queue.requestNotify(NotificationType.ANY);
        int total = 0;
        int count;
        do {
            count = queue.poll(batch);
            credit(count);
            total += count;
        } while (count == batch.length);
        return total;
    }
}
