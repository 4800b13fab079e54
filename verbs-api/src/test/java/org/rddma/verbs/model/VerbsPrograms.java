package org.rddma.verbs.model;

import java.util.EnumSet;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.domains.DomainContextBase;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.model.Step.Operation;

/**
 * Arbitrary programs of verbs. Either in a provider method, {@code return VerbsPrograms.reliable().arbitrary()}, or with
 * {@code @Domain(VerbsPrograms.Reliable.class)} at a property that takes a {@code @ForAll VerbsProgram}. Immutable.
 */
public final class VerbsPrograms {
    private static final int MOST_BYTES = 200;

    private final QueuePairType type;
    private final int connections;
    private final int queues;
    private final int steps;
    private final boolean faults;

    private VerbsPrograms(QueuePairType type, int connections, int queues, int steps, boolean faults) {
        this.type = type;
        this.connections = connections;
        this.queues = queues;
        this.steps = steps;
        this.faults = faults;
    }

    /** As a domain: reliable connections without faults. */
    public static final class Reliable extends DomainContextBase {
        @Provide
        Arbitrary<VerbsProgram> programs() {
            return reliable().arbitrary();
        }
    }

    /**
     * Reliable connections: up to 2, with up to 2 completion queues, 40 steps, no faults.
     *
     * @return to be changed or used
     */
    public static VerbsPrograms reliable() {
        return of(QueuePairType.RC);
    }

    /**
     * The same with queue pairs of another type.
     *
     * @param type RC, UC or UD
     * @return to be changed or used
     */
    public static VerbsPrograms of(QueuePairType type) {
        return new VerbsPrograms(type, 2, 2, 40, false);
    }

    /**
     * With so many connections at most.
     *
     * @param most 1 or more
     * @return a copy
     */
    public VerbsPrograms connections(int most) {
        return new VerbsPrograms(type, most, queues, steps, faults);
    }

    /**
     * With so many completion queues at most.
     *
     * @param most 1 or more
     * @return a copy
     */
    public VerbsPrograms queues(int most) {
        return new VerbsPrograms(type, connections, most, steps, faults);
    }

    /**
     * With so many steps at most.
     *
     * @param most 0 or more
     * @return a copy
     */
    public VerbsPrograms steps(int most) {
        return new VerbsPrograms(type, connections, queues, most, faults);
    }

    /**
     * With queue pairs that are moved to the error state, and writes with a wrong key.
     *
     * @return a copy
     */
    public VerbsPrograms withFaults() {
        return new VerbsPrograms(type, connections, queues, steps, true);
    }

    /**
     * The programs.
     *
     * @return shrinks to few steps with small numbers
     */
    public Arbitrary<VerbsProgram> arbitrary() {
        return Combinators.combine(
                        Arbitraries.integers().between(1, connections),
                        Arbitraries.integers().between(1, queues),
                        step().list().ofMaxSize(steps))
                .as((pairs, ofQueues, list) -> new VerbsProgram(type, pairs, ofQueues, list));
    }

    private Arbitrary<Step> step() {
        Arbitrary<Integer> ends = Arbitraries.integers().between(0, 2 * connections - 1);
        Arbitrary<Integer> ofQueues = Arbitraries.integers().between(0, queues - 1);
        Arbitrary<Integer> small = Arbitraries.integers().between(1, 4);
        Arbitrary<Operation> operation =
                Arbitraries.of(operations(type)).filter(each -> each != Operation.WRITE_WITH_WRONG_KEY || faults);
        Arbitrary<NotificationType> notification =
                Arbitraries.of(NotificationType.ANY, NotificationType.ANY, NotificationType.SOLICITED);
        Arbitrary<Boolean> yesOrNo = Arbitraries.of(false, true);
        // what an unreliable connection loses is told from what arrives by the data
        Arbitrary<Integer> bytes = Arbitraries.integers().between(type == QueuePairType.RC ? 0 : 1, MOST_BYTES);
        Arbitrary<Step> post = Combinators.combine(ends, operation, bytes, yesOrNo, yesOrNo, yesOrNo)
                .as(Step.Post::new);
        Arbitrary<Step> receive = ends.map(Step.Receive::new);
        Arbitrary<Step> arm = Combinators.combine(ofQueues, notification).as(Step.Arm::new);
        Arbitrary<Step> poll = Combinators.combine(ofQueues, small).as(Step.Poll::new);
        Arbitrary<Step> acknowledge = Combinators.combine(
                        ofQueues, Arbitraries.integers().between(0, 2))
                .as(Step.Acknowledge::new);
        Arbitrary<Step> run = Arbitraries.integers().between(1, 12).map(Step.RunDevice::new);
        return Arbitraries.frequencyOf(
                Tuple.of(8, post),
                Tuple.of(4, receive),
                Tuple.of(4, arm),
                Tuple.of(4, poll),
                Tuple.of(4, run),
                Tuple.of(2, Arbitraries.just(new Step.GetEvent())),
                Tuple.of(1, acknowledge),
                Tuple.of(faults ? 1 : 0, ends.map(Step.Break::new)));
    }

    /** What queue pairs of a type can do (verbs-semantics §2.3). */
    static Set<Operation> operations(QueuePairType type) {
        return switch (type) {
            case UD -> EnumSet.of(Operation.SEND, Operation.SEND_WITH_IMMEDIATE);
            case UC -> EnumSet.complementOf(EnumSet.of(Operation.READ, Operation.FETCH_AND_ADD));
            default -> EnumSet.allOf(Operation.class);
        };
    }
}
