package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;

/** Polling with a deadline. */
public final class Completions {
    private Completions() {}

    /** The next completion of a queue, which must come soon. */
    public static WorkCompletion next(CompletionQueue queue) {
        return next(queue, Deadline.PATIENCE);
    }

    /** The next completion of a queue, which must come in time. */
    public static WorkCompletion next(CompletionQueue queue, Duration limit) {
        WorkCompletion completion = new WorkCompletion();
        Deadline.await("a completion on " + queue, limit, () -> queue.poll(completion));
        return completion;
    }

    /** The next completions of a queue. */
    public static List<WorkCompletion> take(CompletionQueue queue, int count) {
        List<WorkCompletion> completions = new ArrayList<>();
        while (completions.size() < count) {
            completions.add(next(queue));
        }
        return completions;
    }

    /** The next completion is this success. */
    public static WorkCompletion success(CompletionQueue queue, long wrId, WorkCompletionOpcode opcode) {
        WorkCompletion completion = next(queue);
        assertThat(completion.status()).as("status of %s", completion).isEqualTo(WorkCompletionStatus.SUCCESS);
        assertThat(completion.wrId()).as("id of %s", completion).isEqualTo(wrId);
        assertThat(completion.opcode()).as("opcode of %s", completion).isEqualTo(opcode);
        return completion;
    }

    /** The next completion is this failure. */
    public static WorkCompletion failure(CompletionQueue queue, long wrId, WorkCompletionStatus status) {
        WorkCompletion completion = next(queue);
        assertThat(completion.status()).as("status of %s", completion).isEqualTo(status);
        assertThat(completion.wrId()).as("id of %s", completion).isEqualTo(wrId);
        assertThat(completion.isSuccess()).isFalse();
        return completion;
    }

    /** There is no completion now, and none comes within the device's settling time. */
    public static void none(DeviceUnderTest device, CompletionQueue queue) {
        none(device.settleTime(), queue);
    }

    /** There is no completion now, and none comes for so long. */
    public static void none(Duration time, CompletionQueue queue) {
        WorkCompletion completion = new WorkCompletion();
        long end = System.nanoTime() + time.toNanos();
        do {
            assertThat(queue.poll(completion))
                    .as("there must be no completion, but there is %s", completion)
                    .isFalse();
        } while (System.nanoTime() - end < 0);
    }
}
