package org.rddma.verbs.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;

/** What threads that wait are handed. */
final class SharedWaitTest {
    private static final int UNKNOWN = 99;

    @Test
    @DisplayName("a status that nobody knows is a general error, with an id and a text like others")
    void unknownStatus() {
        WorkCompletion from = new WorkCompletion().set(1, UNKNOWN, UNKNOWN, 0, 7, 0, 0, 16, 0, 0, 0, 0, 0);
        WorkCompletion to = new WorkCompletion();
        SharedWait.copy(from, to, 5);
        assertThat(to.wrId()).isEqualTo(5);
        assertThat(to.status()).isEqualTo(WorkCompletionStatus.GENERAL_ERR);
        assertThat(to.vendorError()).isEqualTo(7);
        assertThat(from).hasToString("completion of 1 on queue pair 0x10: unknown status 99");
    }
}
