package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;

/** Programs of posts over several connected queue pairs, against a model of verbs-semantics §2.4 (1) to (4). */
public abstract class CompletionOrderConformance implements DeviceUnderTest {
    private static final int MOST_TRIES = 400;
    private static final int PAIRS = 3;
    private static final int LONGEST = 60;

    private int tried;
    private int refusalsLost;

    /** What can be posted. */
    enum Operation {
        SEND,
        SEND_IMM,
        WRITE,
        WRITE_IMM,
        READ,
        ADD,
        BAD_KEY;

        boolean consumesReceive() {
            return this == SEND || this == SEND_IMM || this == WRITE_IMM;
        }
    }

    /** One post: of what, on which connection, from which side, signalled or not. */
    record Post(Operation operation, int pair, boolean fromA, boolean signalled) {}

    /** A program: how the queues are shared, whether all is signalled, and the posts. */
    record Program(int sharing, boolean signalAll, List<Post> posts) {}

    private static Arbitrary<Program> programs(Arbitrary<Operation> operations) {
        Arbitrary<Post> post = Combinators.combine(
                        operations,
                        Arbitraries.integers().between(0, PAIRS - 1),
                        Arbitraries.of(true, false),
                        Arbitraries.of(true, false))
                .as(Post::new);
        return Combinators.combine(
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.of(false, false, false, true),
                        post.list().ofMinSize(1).ofMaxSize(LONGEST))
                .as(Program::new);
    }

    /** Those that the device declares; that the others are refused, {@link CapabilityConformance} shows. */
    private Arbitrary<Operation> goodOperations() {
        List<Operation> operations =
                new ArrayList<>(List.of(Operation.SEND, Operation.SEND_IMM, Operation.WRITE, Operation.WRITE_IMM));
        if (has(Capability.RDMA_READ)) {
            operations.add(Operation.READ);
        }
        if (has(Capability.ATOMICS)) {
            operations.add(Operation.ADD);
        }
        return Arbitraries.of(operations);
    }

    @Provide
    Arbitrary<Program> goodPrograms() {
        return programs(goodOperations());
    }

    @Provide
    Arbitrary<Program> programsThatFail() {
        return programs(Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(20, goodOperations()),
                net.jqwik.api.Tuple.of(1, Arbitraries.just(Operation.BAD_KEY))));
    }

    /**
     * §2.4(1) each send queue completes in posting order and each receive queue in the order of its messages, whatever
     * completion queues they share; §2.4(2) of unsignalled requests there is no completion, of all others exactly one.
     *
     * <p>Would catch: completions out of order, lost, twice, on the wrong queue or for the wrong queue pair; an unsignalled
     * request that completes, or a signalled one that does not; signalAll ignored; receives consumed by plain writes.
     */
    @Property(tries = MOST_TRIES)
    void successesInOrder(@ForAll("goodPrograms") Program program) {
        check(program, false);
    }

    /** The same with each side of each connection in a thread of its own: would catch races between queue pairs. */
    @Property(tries = MOST_TRIES)
    void successesInOrderFromManyThreads(@ForAll("goodPrograms") Program program) {
        check(program, true);
    }

    /**
     * §2.4(4) the first request that fails completes with its own status, signalled or not; all behind it, and all receives
     * on both sides, are flushed in order, each once.
     *
     * <p>Would catch: a failed or flushed request without a completion because it was unsignalled; a flush out of order or
     * with the wrong status; a success after the failure; receives that stay behind; a failure that spreads to other queue
     * pairs of the same completion queue.
     */
    @Property(tries = MOST_TRIES)
    void failuresFlushInOrder(@ForAll("programsThatFail") Program program) {
        try {
            check(program, false);
        } catch (AssertionError e) {
            boolean lost = mayLoseRefusals() && String.valueOf(e.getMessage()).contains("RETRY_EXC_ERR");
            if (!lost || ++refusalsLost > tries(MOST_TRIES) / 10) {
                throw e;
            }
        }
    }

    private void check(Program program, boolean threads) {
        if (tried++ >= tries(threads ? MOST_TRIES / 2 : MOST_TRIES)) {
            return;
        }
        Deadline.check("a program", Duration.ofSeconds(20), () -> {
            Wiring.usual(this);
            try (Context near = open();
                    Context other = pairsAcrossDevices() ? openOther() : null) {
                new Run(near, other == null ? near : other, program).execute(threads);
            }
        });
    }

    /** One side of a connection, and what the model says will complete on it: "id status". */
    private static final class Side {
        final End end;
        final List<String> sends = new ArrayList<>();
        final List<String> receives = new ArrayList<>();
        Side peer;
        int posted;
        int consumed;
        int unsignalled;
        boolean failed;

        Side(End end) {
            this.end = end;
        }
    }

    private static final class Run {
        final Program program;
        final Context near;
        final List<Side> sides = new ArrayList<>();

        Run(Context near, Context far, Program program) {
            this.program = program;
            this.near = near;
            EndSpec spec = new EndSpec().depth(64).queueEntries(2048).memory(4096);
            if (program.signalAll) {
                spec.signalAll();
            }
            if (program.sharing == 1) {
                spec.oneQueue();
            }
            CompletionQueue shared = near.createCompletionQueue(4096);
            CompletionQueue farShared = far == near ? shared : far.createCompletionQueue(4096);
            for (int i = 0; i < 2 * PAIRS; i++) {
                Context context = i % 2 == 0 ? near : far;
                sides.add(new Side(
                        program.sharing == 2
                                ? new End(context, spec, i % 2 == 0 ? shared : farShared)
                                : new End(context, spec)));
            }
            for (int i = 0; i < 2 * PAIRS; i += 2) {
                Side a = sides.get(i);
                Side b = sides.get(i + 1);
                a.peer = b;
                b.peer = a;
                new Wiring().timeout(16, 7).connect(a.end, b.end);
                for (int id = 0; id < LONGEST; id++) {
                    a.end.receive(new ReceiveRequest(id, a.end.piece(1024, 16)));
                    b.end.receive(new ReceiveRequest(id, b.end.piece(1024, 16)));
                }
            }
        }

        void execute(boolean threads) throws Throwable {
            if (!threads) {
                for (Post post : program.posts) {
                    Side side = sides.get(2 * post.pair + (post.fromA ? 0 : 1));
                    post(side, post);
                    expect(side, post);
                    settle(side, post);
                }
            } else {
                List<Deadline.Running> posters = new ArrayList<>();
                for (int i = 0; i < sides.size(); i++) {
                    Side side = sides.get(i);
                    int pair = i / 2;
                    boolean isA = i % 2 == 0;
                    posters.add(Deadline.start("posts, " + i, () -> {
                        for (Post post : program.posts) {
                            if (post.pair == pair && post.fromA == isA) {
                                post(side, post);
                            }
                        }
                    }));
                }
                for (Deadline.Running poster : posters) {
                    poster.join();
                }
                for (Post post : program.posts) {
                    expect(sides.get(2 * post.pair + (post.fromA ? 0 : 1)), post);
                }
            }
            compare();
        }

        private static void post(Side side, Post post) {
            End from = side.end;
            End to = side.peer.end;
            SendRequest request = from.request(side.posted++, 0, 8).flags(post.signalled ? SendFlags.SIGNALED : 0);
            int key = to.memory.rkey();
            switch (post.operation) {
                case SEND -> request.send();
                case SEND_IMM -> request.sendWithImmediate(7);
                case WRITE -> request.write(to.address(2048), key);
                case WRITE_IMM -> request.writeWithImmediate(to.address(2048), key, 7);
                case READ -> request.read(to.address(2048), key);
                case ADD -> request.fetchAndAdd(to.address(2048), key, 1);
                case BAD_KEY -> request.write(to.address(2048), 0);
            }
            from.post(request);
        }

        /** The order of what two sides post is the model's only when each post has had its effect before the next. */
        private static void settle(Side side, Post post) {
            if (post.operation == Operation.BAD_KEY) {
                side.end.awaitState(QueuePairState.ERR);
                side.peer.end.awaitState(QueuePairState.ERR);
            } else if (!side.failed) {
                QueuePair pair = side.end.pair;
                pair.modify(new QueuePairAttributes().state(QueuePairState.SQD));
                Deadline.await("what was posted is done", () -> !pair.query().draining());
                pair.modify(new QueuePairAttributes().state(QueuePairState.RTS));
            }
        }

        private void expect(Side side, Post post) {
            int id = side.sends.size() + side.unsignalled;
            if (side.failed) {
                side.sends.add(id + " WR_FLUSH_ERR");
            } else if (post.operation == Operation.BAD_KEY) {
                side.sends.add(id + " REM_ACCESS_ERR");
                flush(side);
                flush(side.peer);
            } else {
                if (post.operation.consumesReceive()) {
                    side.peer.receives.add(side.peer.consumed++ + " SUCCESS");
                }
                if (post.signalled || program.signalAll) {
                    side.sends.add(id + " SUCCESS");
                } else {
                    side.unsignalled++;
                }
            }
        }

        private void flush(Side side) {
            side.failed = true;
            while (side.consumed < LONGEST) {
                side.receives.add(side.consumed++ + " WR_FLUSH_ERR");
            }
        }

        private void compare() {
            Map<Long, List<String>> sends = new HashMap<>();
            Map<Long, List<String>> receives = new HashMap<>();
            int expected = 0;
            for (Side side : sides) {
                expected += side.sends.size() + side.receives.size();
            }
            int found = 0;
            WorkCompletion completion = new WorkCompletion();
            long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
            while (found < expected && System.nanoTime() - end < 0) {
                found += drain(completion, sends, receives);
            }
            found += drain(completion, sends, receives);
            for (Side side : sides) {
                long pair = key(side, side.end.pair.number());
                assertThat(sends.getOrDefault(pair, List.of())).isEqualTo(side.sends);
                assertThat(receives.getOrDefault(pair, List.of())).isEqualTo(side.receives);
            }
            assertThat(found).isEqualTo(expected);
        }

        /** Two devices may have queue pairs of the same number. */
        private long key(Side side, int number) {
            return side.end.context == near ? number : -number;
        }

        private int drain(WorkCompletion completion, Map<Long, List<String>> sends, Map<Long, List<String>> receives) {
            int found = 0;
            for (Side side : sides) {
                while (side.end.sends.poll(completion)) {
                    boolean receive = completion.isReceive();
                    assertThat(receive && program.sharing == 0)
                            .as("a receive in a queue for sends: %s", completion)
                            .isFalse();
                    record(key(side, completion.queuePairNumber()), completion, receive ? receives : sends);
                    found++;
                }
                while (side.end.receives.poll(completion)) {
                    record(
                            key(side, completion.queuePairNumber()),
                            completion,
                            completion.isReceive() ? receives : sends);
                    found++;
                }
            }
            return found;
        }

        private static void record(long pair, WorkCompletion completion, Map<Long, List<String>> into) {
            WorkCompletionStatus status = completion.status();
            into.computeIfAbsent(pair, key -> new ArrayList<>()).add(completion.wrId() + " " + status);
        }
    }
}
