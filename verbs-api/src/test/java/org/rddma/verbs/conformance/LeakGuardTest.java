package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.internal.os.EventFd;

/** The guard of all tests must itself be able to fail, and be there. */
final class LeakGuardTest {
    private static final Duration SHORT = Duration.ofMillis(20);

    @Test
    @DisplayName("a descriptor that is left over, and a thread that is, are found")
    void leaks() {
        LeakGuard.Snapshot before = LeakGuard.Snapshot.take();
        before.assertNothingLeaked(true, SHORT);
        EventFd leaked = EventFd.counter("test");
        assertThatThrownBy(() -> before.assertNothingLeaked(true, SHORT)).hasMessageContaining("eventfd");
        leaked.close();
        CountDownLatch end = new CountDownLatch(1);
        Deadline.Running thread = Deadline.start("leaky thread", end::await);
        assertThatThrownBy(() -> before.assertNothingLeaked(true, SHORT)).hasMessageContaining("leaky thread");
        assertThat(thread.isAlive()).isTrue();
        end.countDown();
        before.assertNothingLeaked();
    }

    @Test
    @DisplayName("every test is watched")
    void tests() {
        assertThat(LeakGuard.isWatching()).isTrue();
    }
}
