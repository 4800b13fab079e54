package org.rddma.softdev;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.internal.ring.SendEntryDescriptor;
import org.rddma.verbs.internal.ring.SpinLock;
import org.rddma.verbs.internal.ring.Words;
import org.rddma.verbs.internal.ring.WorkRing;
import org.rddma.verbs.spi.CompletionDelivery;
import org.rddma.verbs.spi.UndeliveredCompletion;

/** The completions of one completion queue that are not in it yet: a lane for each work queue. */
final class CompletionLanes implements CompletionDelivery {
    /*
     * Lanes are guarded by the scheduler's lock. Whoever takes a completion out and delivers it holds the delivery
     * lock meanwhile, because a queue pair that is reset delivers in the thread that resets it, while the schedule may
     * be delivering in another. Order: delivery lock, locks of completion queue and vector, scheduler's lock.
     */
    private final Scheduler scheduler;
    private final String queue;
    private final String device;
    private final boolean weakOrder;
    private final SpinLock delivering = new SpinLock();
    private final Map<Integer, Lane> lanes = new TreeMap<>();

    /** A completion, and whether none may overtake it. */
    private record Entry(long sequence, UndeliveredCompletion completion, boolean ordered) {}

    /** What one work queue has completed. */
    static final class Lane {
        private final CompletionLanes owner;
        private final List<Entry> entries = new ArrayList<>();

        private Lane(CompletionLanes owner) {
            this.owner = owner;
        }

        long sequence() {
            return entries.get(0).sequence;
        }

        String deliver() {
            return owner.deliver(this);
        }
    }

    CompletionLanes(Scheduler scheduler, String queue, SoftDevice device) {
        this.scheduler = scheduler;
        this.queue = queue;
        this.device = device.name();
        weakOrder = device.isWeaklyOrdered();
    }

    @Override
    public void defer(UndeliveredCompletion completion) {
        boolean ordered = !weakOrder
                || completion.isReceive()
                || completion.status() != WorkCompletionStatus.SUCCESS.value()
                || isFenced(completion);
        synchronized (scheduler.lock) {
            lanes.computeIfAbsent(lane(completion.queuePair(), completion.isReceive()), key -> new Lane(this))
                    .entries
                    .add(new Entry(scheduler.nextSequence(), completion, ordered));
        }
        scheduler.signal();
    }

    private static boolean isFenced(UndeliveredCompletion send) {
        WorkRing ring = (WorkRing) send.work();
        int entry = ring.entry(send.workPosition());
        int kind = Words.lpInt(ring.memory(), entry + SendEntryDescriptor.KIND);
        return (SendEntryDescriptor.flags(kind) & SendFlags.FENCE) != 0;
    }

    private static int lane(int queuePair, boolean receive) {
        return queuePair << 1 | (receive ? 1 : 0);
    }

    @Override
    public boolean armed(boolean any, boolean holdsCompletions) {
        synchronized (scheduler.lock) {
            // which of them are solicited is not known any more, so an arm for those does not fire at once
            boolean fires = any && holdsCompletions && scheduler.chance(Freedom.EXTRA_EVENTS);
            scheduler.note("arm " + queue + (any ? "" : " for solicited completions")
                    + (holdsCompletions ? ", which holds completions" : "")
                    + (fires ? ": fires at once" : ""));
            return fires;
        }
    }

    @Override
    public void settle(int queuePair) {
        for (boolean receive : new boolean[] {false, true}) {
            delivering.lock();
            try {
                List<Entry> entries;
                int kept;
                synchronized (scheduler.lock) {
                    Lane lane = lanes.remove(lane(queuePair, receive));
                    if (lane == null) {
                        continue;
                    }
                    entries = List.copyOf(lane.entries);
                    lane.entries.clear(); // a step may have chosen this lane
                    kept = scheduler.chance(Freedom.DISCARDED_COMPLETIONS)
                            ? scheduler.pick(entries.size())
                            : entries.size();
                    scheduler.note("stop queue pair " + device + ":" + queuePair + (receive ? " recv" : " send") + ": "
                            + kept + " completions delivered, " + (entries.size() - kept) + " discarded");
                }
                for (int i = 0; i < entries.size(); i++) {
                    UndeliveredCompletion completion = entries.get(i).completion;
                    if (i < kept) {
                        boolean unused = completion.deliver();
                    } else {
                        completion.discard();
                    }
                }
            } finally {
                delivering.unlock();
            }
        }
    }

    @Override
    public void close() {
        synchronized (scheduler.lock) {
            lanes.clear();
            scheduler.remove(this);
        }
    }

    /** Called with the scheduler's lock held. */
    void addLanesTo(List<Lane> all) {
        all.addAll(lanes.values());
    }

    /** Called with the scheduler's lock held. */
    int size() {
        int size = 0;
        for (Lane lane : lanes.values()) {
            size += lane.entries.size();
        }
        return size;
    }

    private String deliver(Lane lane) {
        delivering.lock();
        try {
            UndeliveredCompletion completion;
            synchronized (scheduler.lock) {
                if (lane.entries.isEmpty()) {
                    return null;
                }
                completion = lane.entries.remove(choose(lane)).completion;
                if (lane.entries.isEmpty()) {
                    lanes.remove(lane(completion.queuePair(), completion.isReceive()), lane);
                }
            }
            boolean kept = completion.deliver();
            return "complete queue pair " + device + ":" + completion.queuePair()
                    + (completion.isReceive() ? " recv" : " send") + " wr " + completion.wrId() + " "
                    + WorkCompletionStatus.of(completion.status()).text() + " -> " + queue
                    + (kept ? "" : ": lost, the queue takes no more");
        } finally {
            delivering.unlock();
        }
    }

    /** Which completion of a lane comes next: the first, unless it may be overtaken. */
    private int choose(Lane lane) {
        int choices = 0;
        while (choices < lane.entries.size() && !lane.entries.get(choices).ordered) {
            choices++;
        }
        return choices > 1 && scheduler.chance(Freedom.OVERTAKING) ? scheduler.pick(choices) : 0;
    }
}
