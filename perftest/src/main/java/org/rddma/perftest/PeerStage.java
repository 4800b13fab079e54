package org.rddma.perftest;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * One end here, the other in another process. Each phase has a number: both say that they are ready for it, run,
 * and tell each other what they have moved. So nothing of one phase can be taken for the next.
 */
final class PeerStage implements Stage {
    private final Settings settings;
    private final Control control;
    private final Solo crew;
    private final Side side;
    private final SideAddress remote;
    private final TestEnd end;
    private final ControlLink link;
    private volatile String interruption;

    /** Whether a farewell of the other end comes too early. */
    private volatile boolean running;

    /** With both ends connected. */
    PeerStage(Settings settings, Control control, Solo crew, Side side, SideAddress remote, Rendezvous met) {
        this.settings = settings;
        this.control = control;
        this.crew = crew;
        this.side = side;
        this.remote = remote;
        crew.onEnd(side::wakeup);
        boolean client = side.end == End.CLIENT;
        Partner partner = this::sayDone;
        end = settings.kind.latency
                ? new LatencyEnd(side, control, partner, true)
                : new BandwidthEnd(side, control, partner, true);
        link = new ControlLink(client ? met.first : met.second, client ? met.second : met.first, new Hearing());
    }

    private void sayDone(long messages) {
        link.say(News.DONE, Map.of(News.PHASE, Long.toString(control.phase()), News.MESSAGES, Long.toString(messages)));
    }

    @Override
    public Side local() {
        return side;
    }

    @Override
    public SideAddress remote() {
        return remote;
    }

    @Override
    public void prepare(int size) {
        end.prepare(size);
    }

    @Override
    public Outcome run(PhaseLength length) {
        control.reset(); // before the other end can know of this phase
        link.check(); // what failed before is forgotten with the last phase, what fails from now on is not
        long number = control.phase();
        link.say(News.READY, Map.of(News.PHASE, Long.toString(number)));
        if (link.await(News.READY, number, control::isInterrupted) == null) {
            control.interrupt();
        }
        running = true;
        try {
            if (link.hasSaidBye()) { // it was before this was running
                endWithTheOther();
            }
            crew.run(() -> end.run(length));
        } finally {
            running = false;
        }
        Map<String, String> figures = new TreeMap<>(Map.of(News.PHASE, Long.toString(number)));
        if (end instanceof BandwidthEnd bandwidth) {
            figures.putAll(TransferFacts.of("sent", bandwidth.sent()));
            figures.putAll(TransferFacts.of("received", bandwidth.received()));
        }
        link.say(News.FIGURES, figures);
        Map<String, String> theirs = link.await(News.FIGURES, number, control::isInterrupted);
        if (end instanceof LatencyEnd latency) {
            return new Outcome(latency.samples(), null, null, null, -1, side.completions.statistics());
        }
        return outcome((BandwidthEnd) end, theirs);
    }

    /** The other end has ended in the middle of a phase: what it owes this one will never come. */
    private void endWithTheOther() {
        if (!control.isInterrupted()) {
            crew.fail(new RunFailedException("the other end has ended before this one"));
        }
    }

    /** @param theirs null when the other end did not tell: then what it sent is in no figure */
    private Outcome outcome(BandwidthEnd own, Map<String, String> theirs) {
        Transfer nothing = new Transfer(0, Double.NaN, OptionalDouble.empty());
        Transfer itSent = theirs == null ? nothing : TransferFacts.read("sent", theirs);
        Transfer itReceived = theirs == null ? nothing : TransferFacts.read("received", theirs);
        Transfer reported;
        if (settings.bidirectional) {
            // one direction alone is no sum
            reported = theirs == null
                    ? nothing
                    : itSent.messages() == 0 ? own.sent() : own.sent().plus(itSent);
        } else if (side.end == End.CLIENT) {
            reported = own.sent();
        } else {
            reported = settings.receives() ? own.received() : itSent;
        }
        long received = own.received().messages() + itReceived.messages();
        boolean counted = settings.receives() && theirs != null;
        return new Outcome(null, reported, own.sent(), itSent, counted ? received : -1, own.statistics());
    }

    @Override
    public String interruption() {
        return interruption != null ? interruption : control.isInterrupted() ? "interrupted" : null;
    }

    /** Has both ends report what they have, and end. For any thread. */
    void interrupt() {
        interruption = "interrupted";
        link.say(News.INTERRUPTED, Map.of()); // before anything that the run has to say now that it is over
        crew.interrupt();
    }

    /** Does what the run is; the other end hears of a failure. */
    <T> T failing(Supplier<T> work) {
        try {
            return work.get();
        } catch (RuntimeException | Error e) {
            link.say(News.FAILED, Map.of(News.SENTENCE, Rendezvous.oneLine(e.getMessage())));
            throw e;
        }
    }

    @Override
    public void close() {
        link.close();
    }

    /** What the other end says while a phase runs. */
    private final class Hearing implements ControlLink.Listener {
        @Override
        public void done(long ofPhase, long messages) {
            if (ofPhase == control.phase()) {
                control.announce(side.end.peer(), messages);
                crew.wakeup();
            }
        }

        @Override
        public void interrupted() {
            if (interruption == null) {
                interruption = "interrupted at the other end";
            }
            crew.interrupt();
        }

        @Override
        public void bye() {
            if (running) {
                endWithTheOther();
            }
        }

        @Override
        public void failed(RunFailedException failure) {
            crew.fail(failure);
        }
    }
}
