package org.rddma.perftest;

import java.nio.ByteBuffer;
import org.rddma.verbs.internal.os.Os;

/** Copies of one size between two direct buffers, by one thread. */
final class CopyLimit implements Limit {
    /** Small copies are timed together, up to so many bytes. */
    private static final int BATCH_BYTES = 1 << 16;

    private static final int PAGE = 4096;

    private final Samples samples = new Samples();
    private final Duo duo;
    private final int size;
    private final int batch;
    private final ByteBuffer source;
    private final ByteBuffer target;

    CopyLimit(Duo duo, int size) {
        this.duo = duo;
        this.size = size;
        batch = Math.max(1, BATCH_BYTES / Math.max(size, 64));
        source = Os.allocate(size, PAGE, "limits");
        target = Os.allocate(size, PAGE, "limits");
    }

    @Override
    public String title() {
        return "bulk copy of " + size + " bytes";
    }

    @Override
    public Samples run(long nanos) {
        samples.clear();
        duo.run(() -> measure(nanos), () -> {});
        return samples;
    }

    @Override
    public double divisor() {
        return batch;
    }

    /** Mean of one round, in bytes per second: what an average bandwidth compares to. */
    double bytesPerSecond(long nanos) {
        return size * divisor() / run(nanos).mean().orElseThrow() * 1e9;
    }

    private void measure(long nanos) {
        long start = System.nanoTime();
        do {
            long begin = System.nanoTime();
            copyBatch();
            samples.record(System.nanoTime() - begin);
        } while (System.nanoTime() - start < nanos || samples.count() < Limit.LEAST_SAMPLES);
    }

    private void copyBatch() {
        for (int i = 0; i < batch; i++) {
            target.put(0, source, 0, size);
        }
    }
}
