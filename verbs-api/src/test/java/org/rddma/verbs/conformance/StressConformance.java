package org.rddma.verbs.conformance;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Many threads at everything that threads may share: verbs-semantics §1.8, §2.4. What two or three threads do to one queue is
 * in {@link RaceConformance}.
 */
@Tag("slow")
@HangGuard(seconds = 180)
public abstract class StressConformance extends DeviceConformance {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** How many messages there are, and by what the other numbers follow. */
    protected int messages() {
        return load(1_000_000);
    }

    /** A test that gets a seed, and tells it when it fails. */
    private interface Body {
        void run(long seed) throws Throwable;
    }

    private static void seeded(Body body) {
        long seed = Long.getLong("rddma.stress.seed", System.nanoTime());
        try {
            body.run(seed);
        } catch (Throwable e) {
            throw new AssertionError("-Drddma.stress.seed=" + seed + ": " + e, e);
        }
    }

    @Test
    @DisplayName(
            "§2.4 many threads post to many queue pairs, many poll one queue in all ways: each completion comes once")
    final void postersAndPollers() {
        seeded(seed -> new QueueTraffic(context, 1, 256, 16, 5 * messages(), seed).run(4, 0, 3, LIMIT));
    }

    @Test
    @DisplayName(
            "§1.3 several threads wait on one channel of several queues: each completion comes once, all are woken")
    final void waiters() {
        seeded(seed -> new QueueTraffic(context, 8, 64, 2, messages(), seed).run(3, 6, 0, LIMIT));
    }

    @Test
    @DisplayName("§1.11(14) several threads wait, and thieves poll their queues empty: nothing is lost or comes twice")
    final void thieves() {
        seeded(seed -> new QueueTraffic(context, 8, 64, 2, messages(), seed).run(3, 4, 2, LIMIT));
    }

    @Test
    @DisplayName("4096 queues on one channel, on which 64 threads wait")
    final void manyQueuesManyWaiters() {
        seeded(seed -> new QueueTraffic(context, 4096, 8, 1, messages() / 20, seed).run(2, 64, 0, LIMIT));
    }

    @Test
    @DisplayName("everything is closed under traffic, in any order: who uses what is closed gets EBADF, nobody hangs")
    final void closeObjects() {
        seeded(seed -> {
            Random random = new Random(seed);
            for (int round = 0; round < messages() / 4_000; round++) {
                try (var own = open()) {
                    new CloseUnderTraffic(own, random).closeObjects(random);
                }
            }
        });
    }

    @Test
    @LeavesEventsUnacknowledged
    @DisplayName("a context is closed under traffic: who uses it gets EBADF, nobody hangs")
    final void closeContext() {
        seeded(seed -> {
            Random random = new Random(seed);
            for (int round = 0; round < messages() / 4_000; round++) {
                try (var own = open()) {
                    CloseUnderTraffic traffic = new CloseUnderTraffic(own, random);
                    for (int spin = random.nextInt(20_000); spin > 0; spin--) {
                        Thread.onSpinWait();
                    }
                    traffic.closeContext();
                }
            }
        });
    }
}
