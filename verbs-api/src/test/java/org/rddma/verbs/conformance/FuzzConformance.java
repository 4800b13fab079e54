package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random arguments at the whole API, from several threads at once, on objects that are open, busy or closed: no crash, no hang,
 * no leak, and no failure but a {@link org.rddma.verbs.VerbsException} that says which verb failed and why.
 */
@HangGuard(seconds = 300)
@LeavesEventsUnacknowledged
public abstract class FuzzConformance extends DeviceConformance {
    private static final int THREADS = 3;

    private static Duration time(int seconds) {
        return Duration.ofSeconds(Long.getLong("rddma.fuzz.seconds", seconds));
    }

    @Test
    @DisplayName("random arguments for five seconds")
    final void forAMoment() throws Throwable {
        fuzz(time(5));
    }

    @Test
    @Tag("slow")
    @DisplayName("random arguments for a minute")
    final void forAMinute() throws Throwable {
        fuzz(time(60));
    }

    private void fuzz(Duration time) throws Throwable {
        long seed = Long.getLong("rddma.fuzz.seed", System.nanoTime());
        FuzzWorld world = new FuzzWorld(List.of(this::open, this::openOther));
        long end = System.nanoTime() + time.toNanos();
        List<Fuzzer> fuzzers = new ArrayList<>();
        List<Deadline.Running> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Fuzzer fuzzer = new Fuzzer(world, seed + i);
            fuzzers.add(fuzzer);
            threads.add(Deadline.start("fuzzer " + i, () -> fuzzer.runUntil(end)));
        }
        try {
            for (Deadline.Running thread : threads) {
                thread.join(time.plusSeconds(30));
            }
        } catch (Throwable e) {
            throw new AssertionError("-Drddma.fuzz.seed=" + seed + ": " + e, e);
        } finally {
            world.close();
        }
        long calls = fuzzers.stream().mapToLong(fuzzer -> fuzzer.calls).sum();
        long refusals = fuzzers.stream().mapToLong(fuzzer -> fuzzer.refusals).sum();
        long completions =
                fuzzers.stream().mapToLong(fuzzer -> fuzzer.completions).sum();
        long successes = fuzzers.stream().mapToLong(fuzzer -> fuzzer.successes).sum();
        long events = fuzzers.stream().mapToLong(fuzzer -> fuzzer.events).sum();
        System.out.printf(
                "fuzz: %d calls, %d refused, %d completions, %d of success, %d events%n",
                calls, refusals, completions, successes, events);
        // it must not have been idle: calls that succeed, calls that are refused, work that is done
        assertThat(calls).isGreaterThan(1_000);
        assertThat(refusals).isBetween(calls / 100, calls * 99 / 100);
        assertThat(successes).isGreaterThan(10);
        assertThat(completions).isGreaterThan(successes);
        assertThat(events).isPositive();
        Pair pair = pair(new EndSpec()); // the device is as good as new
        pair.b().receive(1, 0, 64);
        pair.a().post(pair.a().request(2, 0, 8));
        assertThat(Completions.next(pair.a().sends).isSuccess()).isTrue();
        assertThat(Completions.next(pair.b().receives).isSuccess()).isTrue();
    }
}
