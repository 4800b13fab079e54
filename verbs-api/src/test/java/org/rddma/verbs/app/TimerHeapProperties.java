package org.rddma.verbs.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** The heap of timers against a list that is sorted. */
final class TimerHeapProperties {
    /** 0 to 9: a timer with this deadline is added; 10 and more: one of those in it is taken out. */
    @Provide
    Arbitrary<List<Integer>> steps() {
        return Arbitraries.integers().between(0, 14).list().ofMaxSize(80);
    }

    @Property(tries = 500)
    void firstIsFirst(@ForAll("steps") List<Integer> steps, @ForAll @IntRange(min = 0, max = 1) int overflow) {
        TimerHeap heap = new TimerHeap();
        List<LoopTimer> model = new ArrayList<>();
        long base = overflow == 0 ? 0 : Long.MAX_VALUE - 4; // the clock may run over
        for (int step : steps) {
            if (step < 10) {
                LoopTimer timer = new LoopTimer(null, () -> {});
                timer.deadline = base + step;
                heap.add(timer);
                model.add(timer);
            } else if (!model.isEmpty()) {
                LoopTimer timer = model.remove(step * 7 % model.size());
                assertThat(heap.remove(timer)).isTrue();
                assertThat(heap.remove(timer)).isFalse();
            }
            model.sort(Comparator.<LoopTimer>comparingLong(timer -> timer.deadline - base)
                    .thenComparingLong(timer -> timer.number));
            assertThat(heap.size()).isEqualTo(model.size());
            assertThat(heap.first()).isSameAs(model.isEmpty() ? null : model.get(0));
        }
        for (LoopTimer timer : model) {
            assertThat(heap.first()).isSameAs(timer);
            assertThat(timer.isStarted()).isTrue();
            boolean unused = heap.remove(timer);
            assertThat(timer.isStarted()).isFalse();
        }
        assertThat(heap.size()).isZero();
    }
}
