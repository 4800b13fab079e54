package org.rddma.perftest;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.rddma.verbs.internal.os.Os;

/** A number going back and forth between two threads, in one cache line for each direction. */
final class CacheLineLimit implements Limit {
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private static final int PAGE = 4096;
    /** Far enough apart for processors that fetch cache lines in pairs. */
    private static final int PING = 1024;

    private static final int PONG = 2048;
    private static final long STOP = -1;

    /** Round trips per time stamp: a stamp costs as much as a good part of a round trip. */
    private static final int BATCH = 64;

    private final ByteBuffer memory = Os.allocate(PAGE, PAGE, "limits");
    private final Samples samples = new Samples();
    private final Duo duo;
    private final boolean roundTrip;
    private long sent;
    private long seen;

    private CacheLineLimit(Duo duo, boolean roundTrip) {
        this.duo = duo;
        this.roundTrip = roundTrip;
    }

    static CacheLineLimit oneWay(Duo duo) {
        return new CacheLineLimit(duo, false);
    }

    static CacheLineLimit thereAndBack(Duo duo) {
        return new CacheLineLimit(duo, true);
    }

    @Override
    public String title() {
        return roundTrip ? "cache line, there and back" : "cache line, one way";
    }

    @Override
    public Samples run(long nanos) {
        samples.clear();
        LONG.setVolatile(memory, PING, 0L);
        LONG.setVolatile(memory, PONG, 0L);
        sent = 0;
        seen = 0;
        duo.run(() -> ping(nanos), this::pong);
        return samples;
    }

    @Override
    public double divisor() {
        return roundTrip ? BATCH : 2.0 * BATCH;
    }

    private void ping(long nanos) {
        pingBatch();
        long start = System.nanoTime();
        do {
            long begin = System.nanoTime();
            pingBatch();
            samples.record(System.nanoTime() - begin);
        } while (System.nanoTime() - start < nanos || samples.count() < LEAST_SAMPLES);
        LONG.setRelease(memory, PING, STOP);
    }

    private void pong() {
        boolean going;
        do {
            going = pongBatch();
        } while (going);
    }

    private void pingBatch() {
        long value = sent;
        for (int i = 0; i < BATCH; i++) {
            value++;
            LONG.setRelease(memory, PING, value);
            while ((long) LONG.getAcquire(memory, PONG) != value) {
                Thread.onSpinWait(); // reading without a pause keeps taking the line from the other one's store
            }
        }
        sent = value;
    }

    private boolean pongBatch() {
        long value = seen;
        for (int i = 0; i < BATCH; i++) {
            long next = (long) LONG.getAcquire(memory, PING);
            while (next == value) {
                Thread.onSpinWait();
                next = (long) LONG.getAcquire(memory, PING);
            }
            if (next == STOP) {
                return false;
            }
            LONG.setRelease(memory, PONG, next);
            value = next;
        }
        seen = value;
        return true;
    }
}
