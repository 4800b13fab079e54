package org.rddma.perftest;

import java.util.OptionalDouble;
import org.rddma.verbs.QueuePairType;

/** One end of a bandwidth test. */
final class BandwidthEnd implements TestEnd {
    /** Without another message for so long, what has not come is lost. */
    private static final long SETTLE_NANOS = 100_000_000;

    private final Side side;
    private final Control control;
    private final Partner partner;
    private final boolean remote;
    private final boolean sends;
    private final boolean receives;
    private final BandwidthSender sender;
    /** Null when only the sender's figures count. */
    private final Arrivals arrivals;

    private long receivedBefore;

    /** @param remote whether the other end is in another process */
    BandwidthEnd(Side side, Control control, Partner partner, boolean remote) {
        this.side = side;
        this.control = control;
        this.partner = partner;
        this.remote = remote;
        Settings settings = side.settings;
        sends = side.end == End.CLIENT || settings.bidirectional;
        receives = settings.receives() && (side.end == End.SERVER || settings.bidirectional);
        arrivals = remote && receives && !sends ? new Arrivals() : null;
        int stamps = settings.peak && sends ? (int) settings.iterations * settings.queuePairs : 0;
        sender = new BandwidthSender(side, control, new PeakRate(stamps));
    }

    @Override
    public void prepare(int size) {
        sender.prepare(size);
    }

    @Override
    public void run(PhaseLength length) {
        side.completions.resetStatistics();
        side.completions.endWaitOn(0);
        receivedBefore = side.completions.received();
        if (arrivals != null) {
            arrivals.begin(receivedBefore);
            side.completions.watch(arrivals);
        }
        if (sends) {
            sender.run(length);
            partner.done(sender.transfer().messages());
        }
        if (receives) {
            receive();
        }
    }

    /** What the last phase has sent. */
    Transfer sent() {
        return sends ? sender.transfer() : new Transfer(0, Double.NaN, OptionalDouble.empty());
    }

    /** What the last phase has received, where receives were posted. */
    Transfer received() {
        return arrivals != null ? arrivals.transfer() : new Transfer(count(), Double.NaN, OptionalDouble.empty());
    }

    CompletionStatistics statistics() {
        return side.completions.statistics();
    }

    /**
     * What the sender knows to be complete is in our queue by the time it says that it is done, on a reliable
     * connection.
     */
    private void receive() {
        Completions completions = side.completions;
        int doneBit = side.end.peer().doneBit;
        completions.endWaitOn(doneBit);
        boolean going = true;
        while (going) {
            going = completions.awaitPeer(side.receiveQueues) && !control.isAnyOf(Control.ENDED);
            control.progress(side.end, count());
        }
        completions.drain(side.receiveQueues);
        if (remote && side.settings.type != QueuePairType.RC) {
            settle();
        }
    }

    /** Datagrams may still be under way when their sender has said that it is done. */
    private void settle() {
        long quietSince = System.nanoTime();
        while (count() < control.announced(side.end.peer())
                && System.nanoTime() - quietSince < SETTLE_NANOS
                && !control.isAnyOf(Control.ENDED)) {
            long before = count();
            side.completions.drain(side.receiveQueues);
            if (count() > before) {
                quietSince = System.nanoTime();
            }
            Thread.onSpinWait();
        }
    }

    private long count() {
        return side.completions.received() - receivedBefore;
    }
}
