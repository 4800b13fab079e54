package org.rddma.verbs.internal.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;

/** The ring without a device. */
@HangGuard
final class CompletionRingTest {
    private final WorkCompletion completion = new WorkCompletion();

    private static long publish(CompletionRing ring, long position) {
        if (position >= 0) {
            ring.publish(position);
        }
        return position;
    }

    private static long append(CompletionRing ring, long wrId) {
        return publish(ring, ring.write(wrId, 0, 128, 0, 0, 0, 0, 0, 0, 0, 0));
    }

    private static long appendCopies(CompletionRing ring, long wrId) {
        int low = (int) wrId;
        return publish(ring, ring.write(wrId, 0, 128, 0, low, low, low, low, low, 0, 0));
    }

    @Test
    @DisplayName("the capacity is the next power of two, and all of it can be used")
    void capacity() {
        int[][] table = {{1, 1}, {2, 2}, {3, 4}, {4, 4}, {5, 8}, {1000, 1024}, {1 << 20, 1 << 20}};
        for (int[] row : table) {
            CompletionRing ring = new CompletionRing(row[0]);
            assertThat(ring.capacity()).isEqualTo(row[1]);
            for (int i = 0; i < row[1]; i++) {
                assertThat(append(ring, i)).isEqualTo(i);
            }
            assertThat(append(ring, 0)).isEqualTo(-1);
            assertThat(ring.poll(completion)).isTrue();
            assertThat(append(ring, 7)).isEqualTo(row[1]);
            assertThat(append(ring, 0)).isEqualTo(-1);
        }
    }

    @Test
    @DisplayName("first in, first out, round after round, by every form of polling")
    void order() {
        for (int entries : new int[] {1, 2, 4, 64}) {
            CompletionRing ring = new CompletionRing(entries);
            TestCursor cursor = new TestCursor(ring);
            WorkCompletion[] array = WorkCompletion.array(3);
            long in = 0;
            long[] out = new long[1];
            for (int round = 0; round < 1000; round++) {
                int burst = round % (entries + 1);
                for (int i = 0; i < burst; i++) {
                    assertThat(append(ring, in++)).isEqualTo(in - 1);
                }
                while (!ring.isEmpty()) {
                    int form = (int) (out[0] % 4);
                    if (form == 0) {
                        assertThat(ring.poll(completion)).isTrue();
                        assertThat(completion.wrId()).isEqualTo(out[0]++);
                    } else if (form == 1) {
                        int count = ring.poll(array);
                        for (int i = 0; i < count; i++) {
                            assertThat(array[i].wrId()).isEqualTo(out[0]++);
                        }
                    } else if (form == 2) {
                        assertThat(ring.poll(c -> assertThat(c.wrId()).isEqualTo(out[0]++), 2, completion))
                                .isBetween(1, 2);
                    } else {
                        assertThat(cursor.next()).isTrue();
                        assertThat(cursor.wrId()).isEqualTo(out[0]++);
                    }
                }
                assertThat(out[0]).isEqualTo(in);
                assertThat(ring.poll(completion)).isFalse();
                assertThat(ring.poll(array)).isZero();
                assertThat(cursor.next()).isFalse();
            }
        }
    }

    @Test
    @DisplayName("every field comes out as it went in, by completion and by cursor")
    void fields() {
        CompletionRing ring = new CompletionRing(2);
        for (int i = 0; i < 2; i++) {
            long position = publish(
                    ring,
                    ring.write(
                            0x8123_4567_89AB_CDEFL,
                            13,
                            129,
                            3,
                            0xFEDC_BA98,
                            1 << 31,
                            0xDEAD_BEEF,
                            0xFFFFFF,
                            0xABCDEF,
                            0xFFFE,
                            15));
            assertThat(position).isEqualTo(i);
        }
        assertThat(ring.poll(completion)).isTrue();
        assertThat(completion.wrId()).isEqualTo(0x8123_4567_89AB_CDEFL);
        assertThat(completion.status()).isEqualTo(WorkCompletionStatus.RNR_RETRY_EXC_ERR);
        assertThat(completion.isSuccess()).isFalse();
        assertThat(completion.opcode()).isEqualTo(WorkCompletionOpcode.RECV_RDMA_WITH_IMM);
        assertThat(completion.isReceive()).isTrue();
        assertThat(completion.flags()).isEqualTo(3);
        assertThat(completion.hasImmediate()).isTrue();
        assertThat(completion.vendorError()).isEqualTo(0xFEDC_BA98);
        assertThat(completion.byteLength()).isEqualTo(1L << 31);
        assertThat(completion.immediate()).isEqualTo(0xDEAD_BEEF);
        assertThat(completion.queuePairNumber()).isEqualTo(0xFFFFFF);
        assertThat(completion.sourceQueuePair()).isEqualTo(0xABCDEF);
        assertThat(completion.pkeyIndex()).isEqualTo(0xFFFE);
        assertThat(completion.serviceLevel()).isEqualTo(15);
        assertThat(completion.sourceLid()).isZero();
        assertThat(completion.destinationPathBits()).isZero();
        TestCursor cursor = new TestCursor(ring);
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.wrId()).isEqualTo(completion.wrId());
        assertThat(cursor.status()).isEqualTo(completion.status());
        assertThat(cursor.isSuccess()).isFalse();
        assertThat(cursor.opcode()).isEqualTo(completion.opcode());
        assertThat(cursor.flags()).isEqualTo(completion.flags());
        assertThat(cursor.vendorError()).isEqualTo(completion.vendorError());
        assertThat(cursor.byteLength()).isEqualTo(completion.byteLength());
        assertThat(cursor.immediate()).isEqualTo(completion.immediate());
        assertThat(cursor.queuePairNumber()).isEqualTo(completion.queuePairNumber());
        assertThat(cursor.sourceQueuePair()).isEqualTo(completion.sourceQueuePair());
        assertThat(cursor.pkeyIndex()).isEqualTo(completion.pkeyIndex());
        assertThat(cursor.serviceLevel()).isEqualTo(completion.serviceLevel());
        assertThat(cursor.sourceLid()).isZero();
        assertThat(cursor.destinationPathBits()).isZero();
    }

    @Test
    @DisplayName("a null in the array is refused only where it would have to be filled, and nothing is taken")
    void nullElement() {
        CompletionRing ring = new CompletionRing(4);
        append(ring, 1);
        WorkCompletion[] array = {new WorkCompletion(), null};
        assertThat(ring.poll(array)).isEqualTo(1);
        append(ring, 2);
        append(ring, 3);
        VerbsException refusal =
                org.assertj.core.api.Assertions.catchThrowableOfType(VerbsException.class, () -> ring.poll(array));
        assertThat(refusal.errno()).isEqualTo(Errno.EINVAL);
        assertThat(ring.poll(completion)).isTrue();
        assertThat(completion.wrId()).isEqualTo(2);
    }

    @Test
    @DisplayName("a completion counts as polled exactly after it was")
    void isPolled() {
        CompletionRing ring = new CompletionRing(4);
        long first = append(ring, 1);
        long second = append(ring, 2);
        assertThat(ring.isPolled(first)).isFalse();
        assertThat(ring.poll(completion)).isTrue();
        assertThat(ring.isPolled(first)).isTrue();
        assertThat(ring.isPolled(second)).isFalse();
    }

    @Test
    @DisplayName("§1.2 the arm word: upgraded, not downgraded, taken once")
    void arm() {
        CompletionRing ring = new CompletionRing(1);
        assertThat(ring.takeArm(true)).isFalse();
        ring.arm(CompletionRing.ARMED_SOLICITED);
        assertThat(ring.takeArm(false)).isFalse();
        assertThat(ring.armed()).isEqualTo(CompletionRing.ARMED_SOLICITED);
        ring.arm(CompletionRing.ARMED_ANY);
        ring.arm(CompletionRing.ARMED_SOLICITED);
        assertThat(ring.armed()).isEqualTo(CompletionRing.ARMED_ANY);
        assertThat(ring.takeArm(false)).isTrue();
        assertThat(ring.takeArm(true)).isFalse();
        ring.arm(CompletionRing.ARMED_SOLICITED);
        assertThat(ring.takeArm(true)).isTrue();
        ring.arm(CompletionRing.ARMED_ANY);
        ring.disarm();
        assertThat(ring.takeArm(true)).isFalse();
    }

    @Test
    @DisplayName("one producer, three consumers, all forms: each completion goes to exactly one, whole, and in order")
    void manyConsumers() throws Throwable {
        int total = 2_000_000;
        CompletionRing ring = new CompletionRing(16);
        List<BitSet> seen = new ArrayList<>();
        List<Deadline.Running> consumers = new ArrayList<>();
        boolean[] done = new boolean[1];
        for (int form = 0; form < 3; form++) {
            BitSet mine = new BitSet(total);
            seen.add(mine);
            int myForm = form;
            consumers.add(Deadline.start("consumes, form " + form, () -> consume(ring, myForm, mine, total)));
        }
        long start =
                System.nanoTime(); // as many as fit into some seconds: five threads may have very little of a processor
        int produced = 0;
        while (produced < total && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5)) {
            if (appendCopies(ring, produced) >= 0) {
                produced++;
            } else {
                Thread.yield();
            }
        }
        done[0] = true;
        for (int i = 0; i < 3; i++) { // one end mark for each
            while (appendCopies(ring, total + i) < 0) {
                Thread.yield();
            }
        }
        for (Deadline.Running consumer : consumers) {
            consumer.join(Duration.ofSeconds(20));
        }
        BitSet all = new BitSet(total);
        int sum = 0;
        for (BitSet one : seen) {
            sum += one.cardinality();
            all.or(one);
        }
        assertThat(sum).as("none twice").isEqualTo(produced);
        assertThat(all.cardinality()).as("none lost").isEqualTo(produced);
        assertThat(done[0]).isTrue();
    }

    private static void consume(CompletionRing ring, int form, BitSet seen, int total) {
        WorkCompletion[] array = WorkCompletion.array(1);
        WorkCompletion one = array[0];
        TestCursor cursor = new TestCursor(ring);
        long before = -1;
        while (true) {
            long id;
            long copies;
            if (form == 2) {
                if (!cursor.next()) {
                    Thread.yield();
                    continue;
                }
                id = cursor.wrId();
                copies = cursor.byteLength() & cursor.immediate() & cursor.queuePairNumber() & cursor.vendorError();
            } else {
                if (form == 0 ? !ring.poll(one) : ring.poll(array) == 0) {
                    Thread.yield();
                    continue;
                }
                id = one.wrId();
                copies = one.byteLength() & one.immediate() & one.queuePairNumber() & one.vendorError();
            }
            if (id != copies || id <= before) {
                throw new AssertionError("torn or out of order: " + id + ", " + copies + " after " + before);
            }
            before = id;
            if (id >= total) {
                return;
            }
            seen.set((int) id);
        }
    }

    @Test
    @HangGuard(seconds = 120)
    @DisplayName(
            "§1.2 arm against append, one at a time: whoever arms and finds nothing is told of the next completion")
    void armAgainstAppend() throws Throwable {
        int total = 100_000;
        CompletionRing ring = new CompletionRing(4);
        java.util.concurrent.atomic.AtomicInteger events = new java.util.concurrent.atomic.AtomicInteger();
        java.util.concurrent.atomic.AtomicInteger taken = new java.util.concurrent.atomic.AtomicInteger();
        Deadline.Running consumer = Deadline.start("polls and arms", () -> {
            WorkCompletion mine = new WorkCompletion();
            java.util.Random delays = new java.util.Random(42);
            int eventsTaken = 0;
            while (taken.get() < total) {
                if (ring.poll(mine)) {
                    taken.incrementAndGet(); // the next one is appended now, about when this side arms
                    for (int spin = delays.nextInt(8); spin > 0; spin--) {
                        Thread.onSpinWait();
                    }
                }
                ring.arm(CompletionRing.ARMED_ANY);
                if (ring.isEmpty()
                        && taken.get() < total) { // nobody will help: a later completion comes after this one
                    int before = eventsTaken;
                    Deadline.await("an event after " + taken, () -> events.get() > before);
                }
                eventsTaken = events.get();
            }
        });
        for (int i = 0; i < total && consumer.isAlive(); i++) {
            int wanted = i;
            Deadline.await("the consumer", () -> taken.get() == wanted || !consumer.isAlive());
            assertThat(append(ring, i)).isNotNegative();
            if (ring.takeArm(false)) {
                events.incrementAndGet();
            }
        }
        consumer.join();
    }

    private static final class TestCursor extends RingCursor {
        TestCursor(CompletionRing ring) {
            super(ring);
        }

        @Override
        public boolean next() {
            return advance();
        }
    }
}
