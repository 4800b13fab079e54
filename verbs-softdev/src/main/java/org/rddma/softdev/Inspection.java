package org.rddma.softdev;

import java.util.EnumMap;
import java.util.Map;
import org.rddma.softdev.engine.QueuePairEngine;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.internal.ring.CompletionRing;
import org.rddma.verbs.internal.ring.WorkRing;
import org.rddma.verbs.layer.Layers;
import org.rddma.verbs.spi.Completer;

/** Reads what the rings and counters of a context's objects say. */
final class Inspection implements SoftInspection {
    private static final String VERB = "SoftInspection.view";

    private final SoftContext context;

    Inspection(SoftContext context) {
        this.context = context;
    }

    @Override
    public CompletionQueueView view(CompletionQueue queue) {
        SoftCompletionQueue own = context.own(
                VERB, "completion queue", Layers.below(queue), SoftCompletionQueue.class, SoftCompletionQueue::context);
        Completer completer = own.deviceSide();
        CompletionRing ring = completer.ring();
        long consumed = ring.consumed(); // first: so it is never ahead of the producer
        long produced = ring.produced();
        return new CompletionQueueView(
                produced,
                consumed,
                ring.capacity(),
                produced / ring.capacity(),
                armWord(ring.armed()),
                completer.isOverrun(),
                completer.lost(),
                failures(completer.failures()),
                completer.eventsRaised(),
                own.unacknowledgedEvents());
    }

    private static ArmWord armWord(int word) {
        return switch (word) {
            case CompletionRing.ARMED_ANY -> ArmWord.ANY;
            case CompletionRing.ARMED_SOLICITED -> ArmWord.SOLICITED;
            default -> ArmWord.DISARMED;
        };
    }

    private static Map<WorkCompletionStatus, Long> failures(long[] counts) {
        Map<WorkCompletionStatus, Long> failures = new EnumMap<>(WorkCompletionStatus.class);
        for (WorkCompletionStatus status : WorkCompletionStatus.values()) {
            if (counts[status.value()] > 0) {
                failures.put(status, counts[status.value()]);
            }
        }
        return failures;
    }

    @Override
    public QueuePairView view(QueuePair queuePair) {
        SoftQueuePair own = context.own(
                VERB,
                "queue pair",
                Layers.below(queuePair),
                SoftQueuePair.class,
                pair -> pair.protectionDomain().context());
        QueuePairEngine engine = own.engine();
        return new QueuePairView(
                engine.state(),
                ring(engine.sendRing()),
                engine.receiveRing() == null ? null : ring(engine.receiveRing()),
                engine.timeoutRetries(),
                engine.notReadyRetries(),
                engine.dropped());
    }

    private static QueuePairView.Ring ring(WorkRing ring) {
        long released = ring.laReleased(); // in this order none is ahead of the next
        long executed = ring.laExecuted();
        return new QueuePairView.Ring(ring.laPosted(), executed, released, ring.capacity());
    }

    @Override
    public Map<String, Long> packetCounters() {
        RoceWire wire = context.device().wire();
        return wire == null ? Map.of() : wire.counters();
    }
}
