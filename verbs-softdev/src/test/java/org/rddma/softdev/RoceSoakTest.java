package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.conformance.Deadline;

/**
 * Reliable traffic of all kinds between two devices on the wire for a long time (property {@code soak.seconds}), with one
 * packet in a hundred lost, one sent twice and one late: every byte is checked, and nothing grows.
 */
@Tag("slow")
class RoceSoakTest {
    private static final int SECONDS = Integer.getInteger("soak.seconds", 20);
    private static final int WINDOW = 8;
    private static final int SLOT = 1 << 18;
    private static final int RECEIVES = 32;
    private static final int MESSAGE = 20_000;
    private static final long HEAP_GROWTH = 16 << 20;

    /** The collector gives memory of the heap back, or keeps it, as it likes; 4 KiB an operation would be 10 GiB. */
    private static final long RESIDENT_GROWTH = 512 << 20;

    private static final int RIGHTS =
            AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC;

    /** What must not grow. */
    private record Footprint(long heap, long resident, long descriptors, int threads) {
        static Footprint now() throws Exception {
            for (int i = 0; i < 3; i++) {
                System.gc();
            }
            Runtime runtime = Runtime.getRuntime();
            long heap = runtime.totalMemory() - runtime.freeMemory();
            long kilobytes = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .sum();
            try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
                return new Footprint(heap, kilobytes << 10, descriptors.count(), Thread.activeCount());
            }
        }
    }

    /** One end: it has memory that only its peer writes, and tells its peer numbered messages. */
    private static final class Side {
        final SoftContext context;
        final MemoryRegion target; // a counter first, then what the peer writes
        final MemoryRegion slots; // of what is under way
        final MemoryRegion received;
        final CompletionQueue sends;
        final CompletionQueue receives;
        final QueuePair pair;
        final Random random;
        final byte[] written = new byte[SLOT]; // what the peer's target must be
        final ByteBuffer[] expected = new ByteBuffer[WINDOW]; // of what is under way, what it must read; else null
        long counter;
        int sent;
        int heard;
        final AtomicLong bytes = new AtomicLong();
        final AtomicLong operations = new AtomicLong();

        Side(SoftDevice device, int seed) {
            context = device.open();
            ProtectionDomain domain = context.allocateProtectionDomain();
            target = domain.allocateMemory(Long.BYTES + SLOT, RIGHTS);
            slots = domain.allocateMemory(WINDOW * SLOT, RIGHTS);
            received = domain.allocateMemory(RECEIVES * MESSAGE, RIGHTS);
            sends = context.createCompletionQueue(2 * WINDOW);
            receives = context.createCompletionQueue(2 * RECEIVES);
            pair = domain.createQueuePair(new QueuePairInitAttributes()
                    .type(QueuePairType.RC)
                    .sendCompletionQueue(sends)
                    .receiveCompletionQueue(receives)
                    .maxSendRequests(WINDOW)
                    .maxReceiveRequests(RECEIVES)
                    .signalAll(true));
            random = new Random(seed);
        }

        void postReceive(int slot) {
            ScatterGatherElement piece = new ScatterGatherElement(received, slot * MESSAGE, MESSAGE);
            check(pair.postReceive(new ReceiveRequest(slot, piece)) == null, "room for a receive");
        }

        static byte letter(int number, int index) {
            return (byte) (number * 7 + index * 13 + (index >> 8));
        }

        static int length(int number) {
            return Math.floorMod(number * 2_654_435_769L, MESSAGE + 1);
        }

        /** Posts so many operations, waits for all of them, and looks at what they brought. */
        void round(Side peer) {
            for (int slot = 0; slot < WINDOW; slot++) {
                post(peer, slot);
            }
            WorkCompletion completion = new WorkCompletion();
            for (int slot = 0; slot < WINDOW; slot++) {
                long start = System.nanoTime();
                while (!sends.poll(completion)) {
                    hear();
                    check(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(60), "a completion within a minute");
                    Thread.yield();
                }
                check(completion.isSuccess() && completion.wrId() == slot, completion);
                if (expected[slot] != null) {
                    ByteBuffer brought = slots.buffer().slice(slot * SLOT, expected[slot].remaining());
                    check(brought.equals(expected[slot]), "what was read or counted");
                    expected[slot] = null;
                }
            }
            operations.addAndGet(WINDOW);
            hear();
        }

        private void post(Side peer, int slot) {
            SendRequest request = new SendRequest().wrId(slot);
            int kind = random.nextInt(4);
            int length;
            if (kind == 0) { // a message
                length = length(sent);
                ByteBuffer data = slots.buffer();
                for (int i = 0; i < length; i++) {
                    data.put(slot * SLOT + i, letter(sent, i));
                }
                request.sendWithImmediate(sent++);
            } else if (kind == 1) { // a count
                length = Long.BYTES;
                int add = random.nextInt(1_000);
                expected[slot] = ByteBuffer.allocate(Long.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .putLong(0, counter);
                counter += add;
                request.fetchAndAdd(peer.target.address(), peer.target.rkey(), add);
            } else {
                length = random.nextInt(4) == 0 ? random.nextInt(SLOT + 1) : random.nextInt(20_000);
                int offset = random.nextInt(SLOT - length + 1);
                long address = peer.target.address() + Long.BYTES + offset;
                if (kind == 2) {
                    byte[] fresh = new byte[length];
                    random.nextBytes(fresh);
                    slots.buffer().put(slot * SLOT, fresh);
                    System.arraycopy(fresh, 0, written, offset, length);
                    // a read that must be repeated may otherwise find what is written after it
                    request.write(address, peer.target.rkey()).flags(SendFlags.FENCE);
                } else {
                    byte[] now = new byte[length];
                    System.arraycopy(written, offset, now, 0, length);
                    expected[slot] = ByteBuffer.wrap(now);
                    request.read(address, peer.target.rkey());
                }
            }
            bytes.addAndGet(length);
            request.sge(new ScatterGatherElement(slots, slot * SLOT, length));
            check(pair.postSend(request) == null, "room for a send");
        }

        /** Looks at the messages that have come. */
        void hear() {
            WorkCompletion completion = new WorkCompletion();
            while (receives.poll(completion)) {
                int number = completion.immediate();
                check(completion.isSuccess() && number == heard, completion + ", number " + heard + " is due");
                check(completion.byteLength() == length(number), completion);
                int slot = (int) completion.wrId();
                for (int i = 0; i < length(number); i++) {
                    check(received.buffer().get(slot * MESSAGE + i) == letter(number, i), "message " + number);
                }
                heard++;
                postReceive(slot);
            }
        }

        private static void check(boolean condition, Object what) {
            if (!condition) {
                throw new AssertionError(String.valueOf(what));
            }
        }
    }

    @Test
    void everyByteArrivesAndNothingGrows() throws Throwable {
        RoceFaults faults = new RoceFaults(6, 0.01, 0.01, 0.01, 8);
        RocePair devices = new RocePair("127.0.8.1", "127.0.8.2", faults);
        Side a = new Side(devices.first, 1);
        Side b = new Side(devices.second, 2);
        for (Side side : List.of(a, b)) {
            Endpoint.of(side == a ? b.pair : a.pair).connect(side.pair);
            for (int slot = 0; slot < RECEIVES; slot++) {
                side.postReceive(slot);
            }
        }
        boolean[] stop = new boolean[1];
        AtomicLong done = new AtomicLong();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Deadline.Running> running = new ArrayList<>();
        for (Side side : List.of(a, b)) {
            Side peer = side == a ? b : a;
            running.add(Deadline.start(side == a ? "first" : "second", () -> {
                try {
                    while (!isSet(stop)) {
                        side.round(peer);
                    }
                    done.incrementAndGet();
                    while (done.get() < 2) { // the peer's last messages need receives
                        side.hear();
                        Thread.yield();
                    }
                    side.hear();
                } catch (RuntimeException | Error e) {
                    failure.compareAndSet(null, e);
                    set(stop);
                    done.set(2);
                }
            }));
        }
        Footprint early = null;
        long start = System.nanoTime();
        long warmUp = TimeUnit.SECONDS.toNanos(Math.min(60, SECONDS / 2));
        long nextReport = TimeUnit.MINUTES.toNanos(1);
        while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(SECONDS)
                && running.stream().allMatch(Deadline.Running::isAlive)) {
            if (early == null && System.nanoTime() - start > warmUp) {
                early = Footprint.now();
            }
            if (System.nanoTime() - start > nextReport) {
                nextReport += TimeUnit.MINUTES.toNanos(1);
                System.out.println(report(a, b) + ", " + Footprint.now());
            }
            running.get(0).thread().join(20); // whichever is first: the end of the time, or of a side that failed
        }
        Footprint late = Footprint.now();
        set(stop);
        for (Deadline.Running one : running) {
            one.join(Duration.ofSeconds(90));
        }
        if (failure.get() != null) {
            throw failure.get();
        }
        System.out.println(report(a, b) + "; " + early + ", then " + late);
        assertThat(a.heard).isEqualTo(b.sent);
        assertThat(b.heard).isEqualTo(a.sent);
        for (Side side : List.of(a, b)) {
            Side peer = side == a ? b : a;
            ByteBuffer target = peer.target.buffer().order(ByteOrder.nativeOrder());
            assertThat(target.getLong(0)).isEqualTo(side.counter);
            assertThat(target.slice(Long.BYTES, SLOT)).isEqualTo(ByteBuffer.wrap(side.written));
        }
        assertThat(late.heap).isLessThan(early.heap + HEAP_GROWTH);
        assertThat(late.resident).isLessThan(early.resident + RESIDENT_GROWTH);
        assertThat(late.descriptors).isLessThanOrEqualTo(early.descriptors);
        assertThat(late.threads)
                .isLessThanOrEqualTo(early.threads + 2); // timers have threads only while something is due
        a.context.close();
        b.context.close();
    }

    private static synchronized boolean isSet(boolean[] flag) {
        return flag[0];
    }

    private static synchronized void set(boolean[] flag) {
        flag[0] = true;
    }

    private static String report(Side a, Side b) {
        return a.operations.get() + b.operations.get() + " operations, " + (a.bytes.get() + b.bytes.get() >> 20)
                + " MiB";
    }
}
