package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Context;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.spi.AbstractContext;

/** What is left open can be seen from outside: {@link LeakGuard} depends on it. */
public abstract class LeakConformance extends DeviceConformance {
    private static final Duration SHORT = Duration.ofMillis(20);

    private static void assertLeft(LeakGuard.Snapshot before, Object what) {
        assertThatThrownBy(() -> before.assertNothingLeaked(true, SHORT)).hasMessageContaining(what.toString());
    }

    @Test
    @DisplayName("a context that is open is found, and so is an object in a context that was open before")
    final void objects() {
        LeakGuard.Snapshot before = LeakGuard.Snapshot.take();
        AutoCloseable domain = context.allocateProtectionDomain();
        assertLeft(before, domain);
        Context another = openAnother();
        assertLeft(before, another);
        assertThat(AbstractContext.openContexts()).contains((AbstractContext) another);
        another.close();
        assertThat(AbstractContext.openContexts()).doesNotContain((AbstractContext) another);
        ((AbstractContext) context).openObjects().forEach(org.rddma.verbs.spi.Resource::close);
        before.assertNothingLeaked();
    }

    @Test
    @LeavesEventsUnacknowledged
    @DisplayName(
            "§1.5 an event that was read is found until it is acknowledged, and for ever when its context is closed")
    final void events() {
        LeakGuard.Snapshot before = LeakGuard.Snapshot.take();
        long count = AbstractContext.unacknowledgedEvents();
        Context another = openAnother();
        End end = new End(another, new EndSpec().withChannel());
        new Wiring().connect(end, end);
        readEvent(end);
        assertThat(AbstractContext.unacknowledgedEvents()).isEqualTo(count + 1);
        end.sends.ackEvents(1);
        assertThat(AbstractContext.unacknowledgedEvents()).isEqualTo(count);
        readEvent(end);
        another.close();
        assertThat(AbstractContext.unacknowledgedEvents()).isEqualTo(count + 1);
        assertLeft(before, "1 unacknowledged event");
        before.assertNothingLeaked(false, Deadline.PATIENCE);
    }

    private static void readEvent(End end) {
        end.sends.requestNotify(NotificationType.ANY);
        end.post(end.request(1, 0, 8).write(end.address(64), end.memory.rkey()));
        assertThat(end.channel.getEvent()).isSameAs(end.sends);
        assertThat(Completions.next(end.sends).isSuccess()).isTrue();
    }
}
