package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkRequestOpcode;

/** What all suites that need a device have in common: open contexts, and ends in them. */
@HangGuard
@ExtendWith(NeedsExtension.class)
public abstract class DeviceConformance implements DeviceUnderTest {
    private final List<Context> contexts = new ArrayList<>();

    /** A context of the device. */
    protected Context context;

    private int threadsAtRest;

    /** Opens the device. */
    @BeforeEach
    final void openContext() {
        Wiring.usual(this);
        context = openAnother();
        threadsAtRest = context.threads().size();
    }

    /** How many threads the context runs when nothing is under way. */
    protected final int threadsAtRest() {
        return threadsAtRest;
    }

    /** Closes all that is open. */
    @AfterEach
    final void closeContexts() {
        contexts.forEach(Context::close);
    }

    @Override
    public final boolean has(Capability capability) {
        return context.device().attributes().has(capability);
    }

    /** Whether the device declares what an operation needs. */
    protected final boolean has(WorkRequestOpcode opcode) {
        return switch (opcode) {
            case RDMA_READ -> has(Capability.RDMA_READ);
            case ATOMIC_CMP_AND_SWP, ATOMIC_FETCH_AND_ADD -> has(Capability.ATOMICS);
            case LOCAL_INV, SEND_WITH_INV -> has(Capability.INVALIDATE);
            case BIND_MW -> has(Capability.MEMORY_WINDOW_TYPE_2);
            case FLUSH -> has(Capability.FLUSH);
            case ATOMIC_WRITE -> has(Capability.ATOMIC_WRITE);
            default -> true;
        };
    }

    /** True when the device does not declare what the request needs; then posting it is seen to be refused. */
    protected final boolean refusesOpcode(End end, SendRequest request) {
        if (request.opcode() == null || has(request.opcode())) {
            return false;
        }
        VerbsException refusal = Refusals.unsupported("postSend", () -> end.pair.postSend(request));
        assertThat(refusal.badRequest()).containsSame(request);
        return true;
    }

    /** Another context of the same device. */
    protected final Context openAnother() {
        return track(open());
    }

    /** A context of the other device. */
    protected final Context openOtherDevice() {
        return track(openOther());
    }

    private Context track(Context opened) {
        contexts.add(opened);
        return opened;
    }

    /** A connected end that talks to itself. */
    protected final End self(EndSpec spec) {
        End end = new End(context, spec);
        new Wiring().connect(end, end);
        return end;
    }

    /** Two connected ends. */
    protected final Pair pair(EndSpec spec) {
        return pair(spec, new Wiring());
    }

    /** Two connected ends. */
    protected final Pair pair(EndSpec spec, Wiring wiring) {
        return connected(new End(context, spec), far(spec), wiring);
    }

    /** An end, in state RESET, where the second ends of connections are. */
    protected final End far(EndSpec spec) {
        return new End(pairsAcrossDevices() ? openOtherDevice() : context, spec);
    }

    /** Two connected ends of the device itself. */
    protected final Pair pairHere(EndSpec spec, Wiring wiring) {
        return connected(new End(context, spec), new End(context, spec), wiring);
    }

    private static Pair connected(End a, End b, Wiring wiring) {
        if (a.pair.type() == QueuePairType.UD) {
            wiring.activate(a.pair);
            wiring.activate(b.pair);
        } else {
            wiring.connect(a, b);
        }
        return new Pair(a, b);
    }

    /** Two connected ends. */
    protected record Pair(End a, End b) {}

    /** A queue on a channel. */
    protected final CompletionQueue queueOn(CompletionChannel channel, int entries) {
        return context.createCompletionQueue(
                new CompletionQueueAttributes().entries(entries).channel(channel));
    }

    /** There is no event now, and none comes within the device's settling time. */
    protected final void assertNoEvent(CompletionChannel channel) {
        CompletionQueue event = channel.getEvent(settleTime().toMillis(), TimeUnit.MILLISECONDS);
        assertThat(event).as("there must be no event").isNull();
        assertThat(channel.unreadEvents()).isZero();
    }

    /** The next event is about this queue; acknowledges it. */
    protected final void assertEvent(CompletionChannel channel, CompletionQueue queue) {
        CompletionQueue event = channel.getEvent(Deadline.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        assertThat(event).as("the queue that fired").isSameAs(queue);
        event.ackEvents(1);
    }

    /** Exactly one event is there, about this queue; acknowledges it. */
    protected final void assertOneEvent(CompletionChannel channel, CompletionQueue queue) {
        assertEvent(channel, queue);
        assertNoEvent(channel);
    }

    /** The whole mask of a state change that needs nothing else. */
    protected static QueuePairAttributes to(QueuePairState state) {
        return new QueuePairAttributes().state(state);
    }
}
