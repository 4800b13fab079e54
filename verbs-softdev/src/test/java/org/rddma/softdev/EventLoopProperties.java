package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.rddma.softdev.example.HostileDevice;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.app.EventLoop;
import org.rddma.verbs.app.EventLoopOptions;
import org.rddma.verbs.model.Interleaving;

/**
 * Two event loops on a device that does all that the rules allow, in an order that follows from a seed: whatever comes
 * late, early or twice, when both loops would sleep and the device is idle every message has been there and back.
 */
final class EventLoopProperties {
    /** What can be different from try to try. */
    record Scenario(
            long seed,
            Freedoms freedoms,
            int lines,
            int messages,
            int budget,
            boolean oneChannel,
            boolean comesAndGoes,
            List<Integer> turns) {}

    @Provide
    Arbitrary<Scenario> scenarios() {
        return Combinators.combine(
                        Arbitraries.longs(),
                        Arbitraries.of(Freedoms.none(), Freedoms.lossless(), Freedoms.all()),
                        Arbitraries.integers().between(1, 4),
                        Arbitraries.integers().between(1, 5),
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.of(true, false),
                        Arbitraries.of(true, false),
                        Arbitraries.integers().between(0, 2).list().ofMaxSize(60))
                .as(Scenario::new);
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void nothingIsSleptOver(@ForAll("scenarios") Scenario scenario) {
        HostileDevice device = HostileDevice.of(scenario.seed(), scenario.freedoms());
        try (Side first = new Side(scenario, device);
                Side second = new Side(scenario, device)) {
            for (int i = 0; i < scenario.lines(); i++) {
                Endpoint.connect(first.lines.get(i).pair, second.lines.get(i).pair);
            }
            first.start(true);
            second.start(false);
            new Interleaving(device, List.of(first, second)).play(scenario.turns());
            for (Side side : List.of(first, second)) {
                for (Line line : side.lines) {
                    assertThat(line.received)
                            .as(() -> "both loops sleep, the device is idle; messages received, with " + scenario
                                    + ":\n" + String.join("\n", device.trace()))
                            .isEqualTo(scenario.messages());
                }
                assertThat(side.loop.remains().queues()).isEqualTo(scenario.lines());
            }
        }
    }

    /** A loop with some queue pairs, and a context of its own. */
    private static final class Side implements Interleaving.Part, AutoCloseable {
        final Scenario scenario;
        final EventLoop loop;
        final Context context;
        final List<Line> lines = new ArrayList<>();

        Side(Scenario scenario, HostileDevice device) {
            this.scenario = scenario;
            loop = new EventLoop(EventLoopOptions.DEFAULT.withBudget(scenario.budget()));
            context = device.open();
            CompletionChannel channel = context.createCompletionChannel();
            for (int i = 0; i < scenario.lines(); i++) {
                lines.add(new Line(this, scenario.oneChannel() ? channel : context.createCompletionChannel()));
            }
        }

        void start(boolean begins) {
            for (Line line : lines) {
                line.start(begins);
            }
        }

        @Override
        public boolean turn() {
            return loop.turn();
        }

        @Override
        public void close() {
            loop.close();
            context.close();
        }
    }

    /** A queue pair whose messages go there and back, and the queue of all its completions. */
    private static final class Line {
        private static final long RECEIVE = 1;

        final QueuePair pair;
        int received;
        private final Side side;
        private final CompletionQueue queue;
        private final MemoryRegion memory;
        private boolean begins;
        private int sent;

        Line(Side side, CompletionChannel channel) {
            this.side = side;
            queue = side.context.createCompletionQueue(
                    new CompletionQueueAttributes().entries(16).channel(channel));
            ProtectionDomain domain = side.context.allocateProtectionDomain();
            memory = domain.allocateMemory(16, AccessFlags.LOCAL_WRITE);
            pair = domain.createQueuePair(new QueuePairInitAttributes().completionQueue(queue));
        }

        void start(boolean beginning) {
            begins = beginning;
            side.loop.add(queue, this::completed);
            receive();
            if (begins) {
                side.loop.execute(this::send);
            }
        }

        private void receive() {
            assertThat(pair.postReceive(new ReceiveRequest(RECEIVE, new ScatterGatherElement(memory, 8, 8))))
                    .isNull();
        }

        private void send() {
            memory.buffer().putLong(0, sent++);
            assertThat(pair.postSend(new SendRequest()
                            .send()
                            .flags(SendFlags.SIGNALED)
                            .sge(new ScatterGatherElement(memory, 0, 8))))
                    .isNull();
        }

        private void completed(WorkCompletion completion) {
            assertThat(completion.isSuccess()).as(completion.toString()).isTrue();
            if (completion.wrId() == RECEIVE) {
                assertThat(memory.buffer().getLong(8)).isEqualTo(received++);
                receive();
                if (sent < side.scenario.messages()) {
                    send();
                }
            }
            if (side.scenario.comesAndGoes()) {
                assertThat(side.loop.remove(queue)).isTrue();
                side.loop.add(queue, this::completed);
            }
        }
    }
}
