package org.rddma.verbs.spi;

import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.internal.channel.EventChannel;
import org.rddma.verbs.internal.channel.EventSource;
import org.rddma.verbs.internal.ring.CompletionRing;
import org.rddma.verbs.internal.ring.WorkRing;

/** The device's side of a completion queue with a channel of its own, which the arbiter closes. */
final class Queues {
    final EventChannel<CompletionQueue> channel = new EventChannel<>("channel", "test");
    final Completer completer = new Completer(
            new CompletionRing(2),
            DeliveryVector.inline(0),
            channel,
            new EventSource<>(null),
            () -> {},
            null,
            null,
            null,
            "queue");

    private final WorkRing work = new WorkRing(2, 64);

    static Queues armed() {
        Queues queues = new Queues();
        queues.arm();
        return queues;
    }

    void arm() {
        completer.arm(CompletionRing.ARMED_ANY);
    }

    boolean complete(int number) {
        return completer.complete(number, 0, 0, 0, 0, 0, 0, 0, 0, false, work, number);
    }

    /** How many events are unread. Closes the channel. */
    int events() {
        int events = channel.size();
        channel.close();
        return events;
    }
}
