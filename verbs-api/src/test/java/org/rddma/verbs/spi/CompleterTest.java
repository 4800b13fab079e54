package org.rddma.verbs.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.internal.channel.EventChannel;
import org.rddma.verbs.internal.channel.EventSource;
import org.rddma.verbs.internal.ring.CompletionRing;
import org.rddma.verbs.internal.ring.WorkQueue;
import org.rddma.verbs.internal.ring.WorkRing;

/** The device's side of a queue, by itself: what holds for every provider, whatever it passes. */
final class CompleterTest {
    private final EventChannel<CompletionQueue> channel = new EventChannel<>("channel", "test");
    private final CompletionRing ring = new CompletionRing(2);
    private final Completer completer = new Completer(
            ring, DeliveryVector.inline(0), channel, new EventSource<>(null), this::lost, null, null, null, "queue");
    private final WorkRing work = new WorkRing(8, 64);
    private int losses;
    private int eventsAtLoss;

    private void lost() {
        losses++;
        eventsAtLoss = channel.size();
    }

    @AfterEach
    void close() {
        channel.close();
    }

    private boolean complete(WorkCompletionStatus status, boolean solicited, WorkQueue to, long position) {
        return completer.complete(1, status.value(), 0, 0, 0, 0, 0, 0, 0, solicited, to, position);
    }

    @Test
    @DisplayName("§1.2 an error is solicited, also when the provider does not say so; a success only if it does")
    void errorsAreSolicited() {
        completer.arm(CompletionRing.ARMED_SOLICITED);
        assertThat(complete(WorkCompletionStatus.SUCCESS, false, work, 0)).isTrue();
        assertThat(channel.size()).isZero();
        assertThat(complete(WorkCompletionStatus.WR_FLUSH_ERR, false, work, 1)).isTrue();
        assertThat(channel.size()).isEqualTo(1);
    }

    @Test
    @DisplayName("§1.2 an event is raised when its completion can be seen: whoever is woken finds it")
    void seenBeforeRaised() {
        CompletionRing two = new CompletionRing(2);
        boolean[] thereThen = new boolean[1];
        DeliveryVector vector = DeliveryVector.scheduled(0, new DeliverySchedule() {
            @Override
            public CompletionDelivery deliveryOf(String queue) {
                return null; // appended at once
            }

            @Override
            public void eventRaised() {
                thereThen[0] = !two.isEmpty();
            }
        });
        Completer other =
                new Completer(two, vector, channel, new EventSource<>(null), this::lost, null, null, null, "other");
        other.arm(CompletionRing.ARMED_ANY);
        assertThat(other.complete(1, 0, 0, 0, 0, 0, 0, 0, 0, false, work, 0)).isTrue();
        assertThat(vector.waitingEvents()).isEqualTo(1);
        assertThat(thereThen[0]).isTrue();
    }

    @Test
    @DisplayName("the work queue knows that a request is done before anybody can see its completion")
    void knownBeforeSeen() {
        boolean[] emptyThen = new boolean[1];
        WorkQueue watching = new WorkQueue() {
            @Override
            public void soExecuted(long position, long completion) {
                emptyThen[0] = ring.isEmpty();
            }

            @Override
            public void soDelivered(long position, long completion) {
                throw new AssertionError();
            }
        };
        assertThat(complete(WorkCompletionStatus.SUCCESS, false, watching, 0)).isTrue();
        assertThat(emptyThen[0]).isTrue();
        assertThat(ring.isEmpty()).isFalse();
    }

    @Test
    @DisplayName("§1.7 an overrun is told once, wakes who is armed, and frees the slots of what is lost")
    void overrun() {
        completer.arm(CompletionRing.ARMED_SOLICITED);
        for (int i = 0; i < ring.capacity(); i++) {
            assertThat(complete(WorkCompletionStatus.SUCCESS, false, work, i)).isTrue();
        }
        work.soPosted(8);
        List<Long> notes = new ArrayList<>();
        WorkQueue noting = new WorkQueue() {
            @Override
            public void soExecuted(long position, long completion) {
                assertThat(completion).isEqualTo(WorkRing.LOST);
                notes.add(position);
                work.soExecuted(position, completion);
            }

            @Override
            public void soDelivered(long position, long completion) {
                throw new AssertionError();
            }
        };
        for (int i = ring.capacity(); i < 8; i++) {
            assertThat(complete(WorkCompletionStatus.SUCCESS, false, noting, i)).isFalse();
        }
        assertThat(notes).containsExactly(2L, 3L, 4L, 5L, 6L, 7L);
        assertThat(losses).isEqualTo(1);
        assertThat(eventsAtLoss).isEqualTo(1);
        assertThat(channel.size()).isEqualTo(1);
        assertThat(work.hasRoom(ring))
                .as("lost slots are behind two that are not polled")
                .isFalse();
        completer.arm(CompletionRing.ARMED_ANY); // nothing more will come: at once
        assertThat(channel.size()).isEqualTo(2);
    }
}
