package org.rddma.verbs.internal.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
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

/** The ring with promises kept and broken, and with other fields than the usual ones. */
@HangGuard
final class CompletionRingPromisesTest {
    private static final int STAMPED = CompletionFields.STANDARD
            | CompletionFields.COMPLETION_TIMESTAMP
            | CompletionFields.COMPLETION_TIMESTAMP_WALLCLOCK;

    private final WorkCompletion completion = new WorkCompletion();

    private static CompletionRing singleThreaded(int entries) {
        return new CompletionRing(entries, CompletionFields.STANDARD, true, false);
    }

    private static CompletionRing careless(int entries, boolean singleThreaded) {
        return new CompletionRing(entries, CompletionFields.STANDARD, singleThreaded, true);
    }

    private static boolean append(CompletionRing ring, long wrId) {
        int low = (int) wrId;
        long position = ring.write(wrId, 0, 128, 0, low, low, low, low, low, 0, 0);
        if (position >= 0) {
            ring.publish(position);
        }
        return position >= 0;
    }

    private List<Long> drain(CompletionRing ring) {
        List<Long> ids = new ArrayList<>();
        while (ring.poll(completion)) {
            ids.add(completion.wrId());
        }
        return ids;
    }

    private static List<Long> range(long from, long to) {
        List<Long> ids = new ArrayList<>();
        for (long id = from; id < to; id++) {
            ids.add(id);
        }
        return ids;
    }

    @Test
    @DisplayName("fields that were not asked for are 0 in a completion; a cursor names the bit that is missing")
    void fieldsNotAskedFor() {
        int[] bits = {1, 2, 4, 8, 32};
        for (int bit : bits) {
            CompletionRing ring = new CompletionRing(1, bit, false, false);
            for (int round = 0; round < 2; round++) {
                ring.publish(ring.write(1, 0, 128, 3, 2, 3, 4, 5, 6, 7, 8));
                assertThat(ring.poll(completion)).isTrue();
                assertThat(new long[] {completion.wrId(), completion.flags(), completion.vendorError()})
                        .containsExactly(1, 3, 2);
                assertThat(completion.pkeyIndex()).isEqualTo(7);
                assertThat(new long[] {
                            completion.byteLength(),
                            completion.immediate(),
                            completion.queuePairNumber(),
                            completion.sourceQueuePair(),
                            completion.serviceLevel()
                        })
                        .containsExactly(
                                bit == 1 ? 3 : 0,
                                bit == 2 ? 4 : 0,
                                bit == 4 ? 5 : 0,
                                bit == 8 ? 6 : 0,
                                bit == 32 ? 8 : 0);
            }
        }
        Cursor none = new Cursor(new CompletionRing(1, 0, false, false));
        assertThat(refused("byteLength", Errno.EINVAL, none::byteLength)).hasMessageContaining(".BYTE_LENGTH");
        assertThat(refused("immediate", Errno.EINVAL, none::immediate)).hasMessageContaining(".IMMEDIATE");
        assertThat(refused("invalidatedRkey", Errno.EINVAL, none::invalidatedRkey))
                .hasMessageContaining(".IMMEDIATE");
        assertThat(refused("queuePairNumber", Errno.EINVAL, none::queuePairNumber))
                .hasMessageContaining(".QUEUE_PAIR");
        assertThat(refused("sourceQueuePair", Errno.EINVAL, none::sourceQueuePair))
                .hasMessageContaining(".SOURCE_QUEUE_PAIR");
        assertThat(refused("sourceLid", Errno.EINVAL, none::sourceLid)).hasMessageContaining(".SOURCE_LID");
        assertThat(refused("serviceLevel", Errno.EINVAL, none::serviceLevel)).hasMessageContaining(".SERVICE_LEVEL");
        assertThat(refused("destinationPathBits", Errno.EINVAL, none::destinationPathBits))
                .hasMessageContaining(".DESTINATION_PATH_BITS");
        assertThat(refused("completionTimestamp", Errno.EINVAL, none::completionTimestamp))
                .hasMessageContaining(".COMPLETION_TIMESTAMP");
        assertThat(refused("wallClockNanos", Errno.EINVAL, none::wallClockNanos))
                .hasMessageContaining(".COMPLETION_TIMESTAMP_WALLCLOCK");
    }

    @Test
    @DisplayName("time stamps come out as they went in, each its own, and survive resizing")
    void stamps() {
        CompletionRing ring = new CompletionRing(2, STAMPED, false, false);
        Cursor cursor = new Cursor(ring);
        for (int i = 0; i < 2; i++) {
            long position = ring.write(i, 0, 128, 0, 0, 0, 0, 0, 0, 0, 0);
            ring.writeRawTime(position, Long.MIN_VALUE + i);
            ring.writeWallTime(position, Long.MAX_VALUE - i);
            ring.publish(position);
        }
        ring.resize(8, new SpinLock());
        for (int i = 0; i < 2; i++) {
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.wrId()).isEqualTo(i);
            assertThat(cursor.completionTimestamp()).isEqualTo(Long.MIN_VALUE + i);
            assertThat(cursor.wallClockNanos()).isEqualTo(Long.MAX_VALUE - i);
        }
    }

    @Test
    @DisplayName("single-threaded: the same order, the same capacity, and room as soon as something is polled")
    void singleThreadedKept() {
        CompletionRing ring = singleThreaded(4);
        long in = 0;
        long out = 0;
        for (int round = 0; round < 100; round++) {
            for (int i = 0; i < 4; i++) {
                assertThat(append(ring, in++)).isTrue();
            }
            assertThat(append(ring, 0)).as("full").isFalse();
            WorkCompletion[] three = WorkCompletion.array(3);
            assertThat(ring.poll(three)).isEqualTo(3);
            for (WorkCompletion one : three) {
                assertThat(one.wrId()).isEqualTo(out++);
            }
            assertThat(drain(ring)).containsExactly(out++);
            assertThat(ring.isEmpty()).isTrue();
        }
    }

    @Test
    @DisplayName("single-threaded, the promise broken by two threads: what comes afterwards is seen all the same")
    void singleThreadedBroken() throws Throwable {
        CompletionRing ring = singleThreaded(4);
        AtomicBoolean stop = new AtomicBoolean();
        List<Deadline.Running> consumers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            consumers.add(Deadline.start("breaks the promise", () -> {
                WorkCompletion mine = new WorkCompletion();
                while (!stop.get()) {
                    boolean unused = ring.poll(mine);
                }
            }));
        }
        for (long id = 0; id < 200_000; id++) {
            long wanted = id;
            Deadline.await("room", () -> append(ring, wanted));
        }
        stop.set(true);
        for (Deadline.Running consumer : consumers) {
            consumer.join();
        }
        List<Long> unused = drain(ring);
        for (long id = 1_000_000; id < 1_000_010; id++) {
            assertThat(append(ring, id)).isTrue();
            assertThat(drain(ring)).containsExactly(id);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, false", "1, true", "2, false", "8, false", "8, true", "64, false"})
    @DisplayName("ignored overrun: the newest are left, in order, and what comes then is seen")
    void lapped(int capacity, boolean singleThreaded) {
        for (int surplus = 1; surplus <= 3 * capacity + 1; surplus++) {
            for (int before = 0; before <= capacity; before++) {
                CompletionRing ring = careless(capacity, singleThreaded);
                for (long id = 0; id < before; id++) {
                    assertThat(append(ring, id)).isTrue();
                }
                assertThat(drain(ring)).hasSize(before);
                long end = (long) before + capacity + surplus;
                for (long id = before; id < end; id++) {
                    assertThat(append(ring, id)).as("never full").isTrue();
                }
                assertThat(ring.isEmpty()).isFalse();
                WorkCompletion[] all = WorkCompletion.array(capacity + 1);
                int count = ring.poll(all);
                List<Long> ids = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    ids.add(all[i].wrId());
                }
                assertThat(ids).isEqualTo(range(end - capacity, end));
                assertThat(ring.isEmpty()).isTrue();
                assertThat(append(ring, end)).isTrue();
                assertThat(drain(ring)).containsExactly(end);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 64})
    @DisplayName("ignored overrun, resized while it is lapped: the newest are left, in order")
    void lappedAndResized(int capacity) {
        for (int size : new int[] {capacity, 2 * capacity, 16 * capacity}) {
            CompletionRing ring = careless(capacity, false);
            for (long id = 0; id < 5L * capacity + 1; id++) {
                append(ring, id);
            }
            ring.resize(size, new SpinLock());
            append(ring, 5L * capacity + 1);
            long end = 5L * capacity + 2;
            List<Long> left = drain(ring);
            assertThat(left).isEqualTo(range(end - left.size(), end));
            assertThat(left).hasSizeGreaterThanOrEqualTo(size == capacity ? capacity : capacity / 2 + 1);
            append(ring, end);
            assertThat(drain(ring)).containsExactly(end);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "16, 1", "1, 3", "16, 3"})
    @DisplayName("ignored overrun under a producer that does not wait: none torn, none twice, in order, and an end")
    void lappedAllTheTime(int capacity, int consumers) throws Throwable {
        int total = 1_000_000;
        CompletionRing ring = careless(capacity, false);
        AtomicBoolean done = new AtomicBoolean();
        List<Deadline.Running> running = new ArrayList<>();
        for (int i = 0; i < consumers; i++) {
            int form = i;
            running.add(Deadline.start("consumes, form " + form, () -> consume(ring, form, done)));
        }
        for (long id = 0; id < total; id++) {
            append(ring, id);
        }
        done.set(true);
        for (Deadline.Running one : running) {
            one.join(Duration.ofSeconds(20));
        }
        append(ring, total);
        assertThat(drain(ring)).containsExactly((long) total);
    }

    private static void consume(CompletionRing ring, int form, AtomicBoolean done) {
        WorkCompletion[] array = WorkCompletion.array(form == 1 ? 7 : 1);
        Cursor cursor = new Cursor(ring);
        long before = -1;
        boolean last;
        do {
            last = done.get();
            int count = form == 2 ? (cursor.next() ? 1 : 0) : ring.poll(array);
            for (int i = 0; i < count; i++) {
                long id = form == 2 ? cursor.wrId() : array[i].wrId();
                long first = form == 2 ? cursor.byteLength() : array[i].byteLength();
                long second = form == 2 ? cursor.vendorError() : array[i].vendorError();
                if (id != first || id != second || id <= before) {
                    throw new AssertionError("torn or out of order: " + id + ", " + first + " after " + before);
                }
                before = id;
            }
            last &= count == 0;
        } while (!last);
    }

    private static final class Cursor extends RingCursor {
        Cursor(CompletionRing ring) {
            super(ring);
        }

        @Override
        public boolean next() {
            return advance();
        }
    }
}
