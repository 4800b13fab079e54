package org.rddma.verbs.model;

import java.util.List;
import org.rddma.verbs.QueuePairType;

/**
 * A program of verbs: connected queue pairs, completion queues on one channel, and what is done with them step by step.
 * Immutable; printed one step a line.
 *
 * @param type of all queue pairs
 * @param connections pairs of queue pairs, 1 or more
 * @param queues completion queues, 1 or more; an end's sends and receives may complete in different ones
 * @param steps in order
 */
public record VerbsProgram(QueuePairType type, int connections, int queues, List<Step> steps) {
    /** The same with indices that exist. */
    public VerbsProgram {
        if (connections < 1 || queues < 1) {
            throw new IllegalArgumentException("a program needs a connection and a completion queue");
        }
        int ends = 2 * connections;
        int ofQueues = queues;
        steps = steps.stream().map(step -> step.within(ends, ofQueues)).toList();
        for (Step step : steps) {
            if (step instanceof Step.Post post
                    && !VerbsPrograms.operations(type).contains(post.operation())) {
                throw new IllegalArgumentException(type + " queue pairs cannot " + post.operation());
            }
        }
    }

    /**
     * What a run has shown.
     *
     * @param observed what each verb gave, a line each
     * @param trace what the device did
     */
    public record Outcome(List<String> observed, List<String> trace) {}

    /**
     * Runs the program, then lets the device finish, and checks everything that is seen with a {@link VerbsModel}.
     *
     * @param device that nothing was done with yet
     * @return the same for the same program and seed
     * @throws AssertionError when a rule is broken: says which, with the seed, the program and the trace
     */
    public Outcome runOn(SteppedDevice device) {
        try (ProgramRun run = new ProgramRun(this, device)) {
            return run.run();
        }
    }

    /** The completion queue of an end's sends. */
    int sendQueue(int end) {
        return end % queues;
    }

    /** The completion queue of an end's receives. */
    int receiveQueue(int end) {
        return (end + end / 2 + 1) % queues;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder()
                .append(connections)
                .append(connections == 1 ? " connection " : " connections ")
                .append(type)
                .append(", ")
                .append(queues)
                .append(queues == 1 ? " completion queue" : " completion queues");
        for (int i = 0; i < steps.size(); i++) {
            text.append('\n').append(i + 1).append(". ").append(steps.get(i));
        }
        return text.append('\n').toString();
    }
}
