package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The guards of the tests must themselves be able to fail. */
final class DeadlineTest {
    @Test
    @DisplayName("what hangs is interrupted and reported, with the stacks of all threads")
    void hang() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        assertThatThrownBy(() -> Deadline.run("sleepy", Duration.ofMillis(50), () -> hangHere(interrupted)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("sleepy")
                .hasMessageContaining("hangHere");
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private static void hangHere(CountDownLatch interrupted) {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            interrupted.countDown();
        }
    }

    @Test
    @DisplayName("what fails in another thread fails here, as it did there")
    void failure() {
        IllegalStateException mine = new IllegalStateException("mine");
        assertThatThrownBy(() -> Deadline.run("fails", Duration.ofSeconds(10), () -> {
                    throw mine;
                }))
                .isSameAs(mine);
    }

    @Test
    @DisplayName("a condition that does not come true fails in time")
    void condition() {
        assertThatThrownBy(() -> Deadline.await("never", Duration.ofMillis(20), () -> false))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("never");
    }
}
