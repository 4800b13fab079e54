package org.rddma.perftest;

import java.util.OptionalDouble;

/** One end of a bandwidth test. */
final class BandwidthEnd implements TestEnd {
    private final Side side;
    private final Control control;
    private final Partner partner;
    private final long settleNanos;
    private final boolean sends;
    private final boolean receives;
    private final BandwidthSender sender;
    private final Arrivals arrivals = new Arrivals();

    private long receivedBefore;

    /** @param settleNanos how long messages may take to come after their sender has said that it is done */
    BandwidthEnd(Side side, Control control, Partner partner, long settleNanos) {
        this.side = side;
        this.control = control;
        this.partner = partner;
        this.settleNanos = settleNanos;
        Settings settings = side.settings;
        sends = side.end == End.CLIENT || settings.bidirectional;
        receives = settings.receives() && (side.end == End.SERVER || settings.bidirectional);
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
        arrivals.clear();
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
        return arrivals.transfer();
    }

    CompletionStatistics statistics() {
        return side.completions.statistics();
    }

    /** What the sender knows to be complete is in our queue by the time it says that it is done, on a reliable connection. */
    private void receive() {
        Completions completions = side.completions;
        int doneBit = side.end.peer().doneBit;
        completions.endWaitOn(doneBit);
        boolean going = true;
        while (going) {
            going = completions.awaitPeer(side.receiveQueues) && !control.isAnyOf(Control.ENDED);
            note();
        }
        completions.drain(side.receiveQueues);
        note();
        settle();
    }

    private void settle() {
        long quietSince = System.nanoTime();
        while (count() < control.announced(side.end.peer())
                && System.nanoTime() - quietSince < settleNanos
                && !control.isAnyOf(Control.ENDED)) {
            long before = count();
            side.completions.drain(side.receiveQueues);
            note();
            if (count() > before) {
                quietSince = System.nanoTime();
            }
            Thread.onSpinWait();
        }
    }

    private void note() {
        arrivals.note(count());
        control.progress(side.end, count());
    }

    private long count() {
        return side.completions.received() - receivedBefore;
    }
}
