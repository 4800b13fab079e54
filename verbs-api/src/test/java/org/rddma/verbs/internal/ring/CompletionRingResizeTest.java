package org.rddma.verbs.internal.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.verbs.CompletionFields;
import org.rddma.verbs.Errno;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;

/** Another size for a ring that is in use. */
@HangGuard(seconds = 60)
final class CompletionRingResizeTest {
    /** Where others want the processor, too, each hand-over may cost a turn of theirs: then it is fewer. */
    private static final long TRAFFIC_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final WorkCompletion completion = new WorkCompletion();
    private final SpinLock lock = new SpinLock();

    private static long append(CompletionRing ring, long wrId) {
        int low = (int) wrId;
        long position = ring.write(wrId, 0, 128, 0, low, low, low, low, low, 0, 0);
        if (position >= 0) {
            ring.publish(position);
        }
        return position;
    }

    @Test
    @DisplayName("at any fill and offset, to any size that holds it: contents, order, room and positions stay")
    void everySize() {
        for (int offset = 0; offset <= 9; offset++) {
            for (int fill = 0; fill <= 8; fill++) {
                for (int size = 1; size <= 20; size++) {
                    resize(offset, fill, size);
                }
            }
        }
    }

    private void resize(int offset, int fill, int size) {
        CompletionRing ring = new CompletionRing(8);
        for (int i = 0; i < offset; i++) {
            append(ring, -1);
            assertThat(ring.poll(completion)).isTrue();
        }
        for (int i = 0; i < fill; i++) {
            assertThat(append(ring, i)).isEqualTo(offset + i);
        }
        if (size < fill) {
            refused("resize", Errno.EINVAL, () -> ring.resize(size, lock));
            assertThat(ring.capacity()).isEqualTo(8);
        } else {
            ring.resize(size, lock);
            assertThat(ring.capacity()).isBetween(size, 2 * size - 1);
        }
        assertThat(lock.isLocked()).isFalse();
        int filled = fill;
        while (filled < ring.capacity()) {
            assertThat(append(ring, filled)).isEqualTo(offset + filled);
            filled++;
        }
        assertThat(append(ring, 0)).as("full").isEqualTo(-1);
        for (int i = 0; i < filled; i++) {
            assertThat(ring.isPolled(offset + i)).isFalse();
            assertThat(ring.isEmpty()).isFalse();
            assertThat(ring.poll(completion)).isTrue();
            assertThat(completion.wrId()).isEqualTo(i);
            assertThat(ring.isPolled(offset + i)).isTrue();
        }
        assertThat(ring.isEmpty()).isTrue();
        assertThat(ring.poll(completion)).isFalse();
    }

    @Test
    @DisplayName("§1.11(15) an arm stays")
    void arm() {
        CompletionRing ring = new CompletionRing(2);
        ring.arm(CompletionRing.ARMED_SOLICITED);
        ring.resize(64, lock);
        assertThat(ring.armed()).isEqualTo(CompletionRing.ARMED_SOLICITED);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    @DisplayName("under traffic: each completion goes to exactly one consumer, whole, and in order")
    void underTraffic(int consumers) throws Throwable {
        int total = 300_000;
        CompletionRing ring = new CompletionRing(16);
        List<BitSet> seen = new ArrayList<>();
        List<Deadline.Running> running = new ArrayList<>();
        AtomicBoolean done = new AtomicBoolean();
        for (int i = 0; i < consumers; i++) {
            BitSet mine = new BitSet(total);
            seen.add(mine);
            int form = i;
            running.add(Deadline.start("consumes, form " + i, () -> consume(ring, form, mine, done)));
        }
        Deadline.Running resizer = Deadline.start("resizes", () -> {
            Random random = new Random(7);
            while (!done.get()) {
                try {
                    ring.resize(1 + random.nextInt(64), lock);
                } catch (org.rddma.verbs.VerbsException e) {
                    assertThat(e.errno()).isEqualTo(Errno.EINVAL); // more is in it
                }
                Thread.yield();
            }
        });
        long start = System.nanoTime();
        long id = 0;
        while (id < total && System.nanoTime() - start < TRAFFIC_NANOS) {
            lock.lock();
            boolean appended = append(ring, id) >= 0;
            lock.unlock();
            if (appended) {
                id++;
            } else {
                Thread.yield();
            }
        }
        Deadline.await("all is polled", ring::isEmpty);
        done.set(true);
        resizer.join();
        for (Deadline.Running consumer : running) {
            consumer.join(Duration.ofSeconds(20));
        }
        BitSet all = new BitSet(total);
        int sum = 0;
        for (BitSet one : seen) {
            sum += one.cardinality();
            all.or(one);
        }
        assertThat(sum).as("none twice").isEqualTo((int) id);
        assertThat(all.cardinality()).as("none lost").isEqualTo((int) id);
    }

    private static void consume(CompletionRing ring, int form, BitSet seen, AtomicBoolean done) {
        WorkCompletion[] array = WorkCompletion.array(form == 0 ? 1 : 5);
        long before = -1;
        boolean last;
        do {
            last = done.get();
            int count = form == 2 ? (ring.poll(array[0]) ? 1 : 0) : ring.poll(array);
            for (int i = 0; i < count; i++) {
                long id = array[i].wrId();
                if (id != array[i].byteLength() || id != array[i].vendorError() || id <= before) {
                    throw new AssertionError("torn or out of order: " + array[i] + " after " + before);
                }
                before = id;
                seen.set((int) id);
            }
            if (count == 0) {
                Thread.yield();
            }
        } while (!last);
    }

    @Test
    @DisplayName("a consumer is never told that the ring is empty while a completion lies in it that nobody takes")
    void neverEmptyByMistake() throws Throwable {
        CompletionRing ring = new CompletionRing(4);
        append(ring, -1); // one always stays
        AtomicInteger left = new AtomicInteger(2);
        List<Deadline.Running> others = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            others.add(Deadline.start("appends and polls", () -> {
                WorkCompletion mine = new WorkCompletion();
                try {
                    for (int round = 0; round < 400_000; round++) {
                        appendAndPoll(ring, mine);
                    }
                } finally {
                    left.decrementAndGet();
                }
            }));
        }
        int size = 0;
        while (left.get() > 0) {
            ring.resize(4 << (size++ & 3), lock);
            for (int i = 0; i < 10; i++) {
                assertThat(ring.isEmpty()).as("there is always one").isFalse();
                appendAndPoll(ring, completion);
            }
        }
        for (Deadline.Running other : others) {
            other.join(Duration.ofSeconds(20));
        }
    }

    private void appendAndPoll(CompletionRing ring, WorkCompletion into) {
        lock.lock();
        append(ring, 0);
        lock.unlock();
        if (!ring.poll(into)) {
            throw new AssertionError("empty, though there is always one that nobody takes");
        }
    }

    @ParameterizedTest
    @CsvSource({"false, true", "true, false", "true, true"})
    @DisplayName("with promises that are kept, under traffic: every completion, in order")
    void promisesKept(boolean singleThreaded, boolean ignoreOverrun) throws Throwable {
        int total = 100_000;
        int least = 2;
        CompletionRing ring = new CompletionRing(least, CompletionFields.STANDARD, singleThreaded, ignoreOverrun);
        AtomicLong consumed = new AtomicLong();
        AtomicLong end = new AtomicLong(total);
        Deadline.Running consumer = Deadline.start("consumes", () -> {
            WorkCompletion mine = new WorkCompletion();
            while (consumed.get() < end.get()) {
                if (ring.poll(mine)) {
                    assertThat(mine.wrId()).isEqualTo(consumed.get());
                    consumed.incrementAndGet();
                } else {
                    Thread.yield(); // there may be one processor for both
                }
            }
        });
        long start = System.nanoTime();
        long id = 0;
        while (id < total && consumer.isAlive() && System.nanoTime() - start < TRAFFIC_NANOS) {
            if (id - consumed.get() < least) {
                assertThat(append(ring, id++)).isNotNegative();
            } else if ((id & 63) == 0) {
                ring.resize(least << (id >> 6 & 3), lock);
                Thread.yield();
            } else {
                Thread.yield();
            }
        }
        end.set(id);
        consumer.join();
    }
}
