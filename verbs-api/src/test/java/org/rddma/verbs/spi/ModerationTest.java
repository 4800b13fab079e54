package org.rddma.verbs.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** When a delayed event is due, on a clock that the test sets. */
final class ModerationTest {
    private static final long PERIOD = 1_000;

    private final VirtualTimer timer = new VirtualTimer();
    private final List<Long> raised = new ArrayList<>();
    private final Moderation moderation = new Moderation(timer, this::onTimer);

    /** Tasks by when they are due, on a time that only {@link #advance} moves. */
    private static final class VirtualTimer implements DeviceTimer {
        private record Task(long due, Runnable body, CompletableFuture<Void> future) {}

        private final List<Task> tasks = new ArrayList<>();
        private long now = Long.MAX_VALUE - 100; // it runs over soon
        private int scheduled;

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public Future<?> schedule(Runnable body, long delayNanos) {
            assertThat(delayNanos).isPositive();
            CompletableFuture<Void> future = new CompletableFuture<>();
            tasks.add(new Task(now + delayNanos, body, future));
            scheduled++;
            return future;
        }

        int underWay() {
            tasks.removeIf(task -> task.future.isDone());
            return tasks.size();
        }

        void advance(long nanos) {
            for (long i = 0; i < nanos; i++) {
                now++;
                for (Task task : List.copyOf(tasks)) {
                    if (task.due - now <= 0 && task.future.complete(null)) {
                        task.body.run();
                    }
                }
            }
        }
    }

    private void onTimer() {
        if (moderation.isTimeUp()) {
            raise();
        }
    }

    private void raise() {
        moderation.raised();
        raised.add(timer.now);
    }

    private void complete() {
        if (moderation.isDue()) {
            raise();
        }
    }

    private void change(int count, long period) {
        if (moderation.change(count, period)) {
            raise();
        }
    }

    @Test
    @DisplayName("the period counts from the first completion, however many follow, and one timer is enough")
    void periodFromTheFirst() {
        change(0, PERIOD);
        timer.advance(10 * PERIOD);
        assertThat(timer.scheduled).as("nothing waits, nothing runs").isZero();
        long start = timer.now;
        for (int i = 0; i < 100; i++) {
            complete();
            assertThat(timer.underWay()).isEqualTo(1);
            timer.advance(1);
        }
        timer.advance(PERIOD - 101);
        assertThat(raised).isEmpty();
        timer.advance(1);
        assertThat(raised).containsExactly(start + PERIOD);
        timer.advance(10 * PERIOD);
        assertThat(raised).hasSize(1);
        assertThat(timer.scheduled).isEqualTo(1);
    }

    @Test
    @DisplayName("when the count is full first the timer runs on, is in vain, or starts again for the rest")
    void countFirst() {
        change(2, PERIOD);
        complete();
        complete();
        assertThat(raised).hasSize(1);
        timer.advance(2 * PERIOD);
        assertThat(raised).as("nothing waits when it goes off").hasSize(1);
        for (int i = 0; i < 1_000; i++) {
            complete();
            complete();
            timer.advance(1);
        }
        assertThat(raised).hasSize(1_001);
        assertThat(timer.scheduled).as("two periods have begun in that time").isLessThanOrEqualTo(3);
        complete();
        long start = timer.now;
        timer.advance(PERIOD - 1);
        assertThat(raised).hasSize(1_001);
        timer.advance(1);
        assertThat(raised).hasSize(1_002).contains(start + PERIOD);
        timer.advance(2 * PERIOD);
        assertThat(timer.underWay()).isZero();
    }

    @Test
    @DisplayName("another rule applies to what waits: count, a shorter and a longer period, none, and the end")
    void change() {
        change(10, 0);
        complete();
        complete();
        timer.advance(300);
        change(0, PERIOD);
        timer.advance(PERIOD - 301);
        assertThat(raised).isEmpty();
        timer.advance(1);
        assertThat(raised).hasSize(1);
        complete();
        timer.advance(500);
        change(0, 400);
        assertThat(raised).as("over already").hasSize(2);
        complete();
        change(0, 2 * PERIOD);
        timer.advance(2 * PERIOD - 1);
        assertThat(raised).hasSize(2);
        timer.advance(1);
        assertThat(raised).hasSize(3);
        complete();
        change(5, 0);
        assertThat(timer.underWay()).as("no period, no timer").isZero();
        timer.advance(5 * PERIOD);
        assertThat(raised).hasSize(3);
        change(0, 0);
        assertThat(raised).hasSize(4);
        change(3, PERIOD);
        complete();
        moderation.cancel();
        assertThat(timer.underWay()).isZero();
    }

    @Test
    @DisplayName("a timer that takes nothing any more, because the device is closed, is no trouble")
    void closedTimer() {
        Moderation closing = new Moderation(
                new DeviceTimer() {
                    @Override
                    public long nanoTime() {
                        return 0;
                    }

                    @Override
                    public Future<?> schedule(Runnable task, long delayNanos) {
                        return null;
                    }
                },
                () -> {});
        assertThat(closing.change(0, PERIOD)).isFalse();
        assertThat(closing.isDue()).isFalse();
        assertThat(closing.isDue()).isFalse();
        closing.cancel();
    }
}
