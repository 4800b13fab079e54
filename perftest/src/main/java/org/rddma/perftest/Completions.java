package org.rddma.perftest;

import org.rddma.verbs.WorkCompletion;

/**
 * How one end learns of completions: each is credited to the lane that its work request id names. For the thread of
 * that end.
 */
abstract sealed class Completions permits PolledCompletions, AwaitedCompletions {
    /** A fraction of a microsecond: what is a switch of threads is better begun early than waited for. */
    private static final int LOOKS_BEFORE_YIELD = 20;

    protected final WorkCompletion[] batch;
    protected final Control control;
    private final Lane[] lanes;
    private final LaneIndex byQueuePair;
    private final boolean repostAtOnce;
    private final boolean immediateExpected;
    private final boolean yields;

    protected long emptyPolls;
    protected long events;
    protected long emptyWakeups;

    private int endOfWait = Control.ENDED;
    private long sent;
    private long received;
    /** Null when nobody wants to know when messages came. */
    private Arrivals arrivals;

    Completions(Settings settings, Control control, Lane[] lanes) {
        this.control = control;
        this.lanes = lanes;
        byQueuePair = settings.sharedReceives ? new LaneIndex(lanes.length) : null;
        batch = WorkCompletion.array(settings.pollBatch);
        repostAtOnce = !settings.kind.latency;
        yields = !settings.loopback;
        immediateExpected = settings.withImmediate();
    }

    /** Makes the right kind. */
    static Completions of(Settings settings, Control control, Lane[] lanes) {
        return settings.events
                ? new AwaitedCompletions(settings, control, lanes)
                : new PolledCompletions(settings, control, lanes);
    }

    /** When the lanes are there, once. */
    final void index() {
        if (byQueuePair != null) {
            for (Lane lane : lanes) {
                byQueuePair.put(lane);
            }
        }
    }

    /** Before the first message, once. */
    abstract void arm(QueueSet set);

    /**
     * Waits until something may have changed. Callers look at their lanes and call again.
     *
     * @param end bits of {@link Control} that end the wait
     * @return false when one of them is set
     */
    abstract boolean await(QueueSet set, int end);

    /** Waits for what does not depend on whether the other end goes on: only the end of the run ends this. */
    final boolean awaitOwn(QueueSet set) {
        return await(set, Control.ENDED);
    }

    /** Waits for what the other end does, until {@link #endWaitOn} says that it is done. */
    final boolean awaitPeer(QueueSet set) {
        return await(set, endOfWait);
    }

    /** Takes what is there, without waiting. */
    final void drain(QueueSet set) {
        for (var queue : set.queues) {
            int count;
            do {
                count = queue.poll(batch);
                credit(count);
            } while (count > 0);
        }
    }

    /** Which bits of {@link Control} end a wait for the peer, the end of the run aside. */
    final void endWaitOn(int bits) {
        endOfWait = bits | Control.ENDED;
    }

    /**
     * Between two looks in vain, of which so many were made. On the wire the device's own threads bring what is
     * waited for: after a while they get the processor, if there is no other for them.
     */
    final void pause(int looks) {
        if (yields && looks > LOOKS_BEFORE_YIELD) {
            Thread.yield();
        } else {
            Thread.onSpinWait();
        }
    }

    final boolean isPeerDone() {
        return control.isAnyOf(endOfWait);
    }

    /** All messages sent and known to be, over all lanes. */
    final long sent() {
        return sent;
    }

    /** From now on this is told when messages come. */
    final void watch(Arrivals watcher) {
        arrivals = watcher;
    }

    /** All messages received, over all lanes. */
    final long received() {
        return received;
    }

    final void resetStatistics() {
        emptyPolls = 0;
        events = 0;
        emptyWakeups = 0;
    }

    final CompletionStatistics statistics() {
        return new CompletionStatistics(emptyPolls, events, emptyWakeups);
    }

    protected final void credit(int count) {
        creditAll(count);
        if (arrivals != null) {
            arrivals.note(received);
        }
    }

    private void creditAll(int count) {
        for (int i = 0; i < count; i++) {
            WorkCompletion completion = batch[i];
            long id = completion.wrId();
            Lane lane = byQueuePair != null && Lane.isReceive(id)
                    ? byQueuePair.of(completion.queuePairNumber()) // whose receive it is does not say whose message
                    : lanes[Lane.indexOf(id)];
            if (!completion.isSuccess()) {
                throw lane.failed(completion);
            }
            if (Lane.isReceive(id)) {
                if (immediateExpected && !completion.hasImmediate()) {
                    throw new RunFailedException("a message came without its immediate data");
                }
                lane.received++;
                received++;
                if (repostAtOnce) {
                    lane.receives.repost();
                }
            } else {
                long completed = Lane.countOf(id);
                sent += completed - lane.completed;
                lane.completed = completed;
            }
        }
    }
}
