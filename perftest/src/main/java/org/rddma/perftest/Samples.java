package org.rddma.perftest;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.HdrHistogram.Histogram;

/** Times in nanoseconds: recording allocates nothing. What too few samples cannot support is not there. */
final class Samples {
    /** Longer ones are counted apart: they are never clamped silently. */
    static final long LARGEST = 60_000_000_000L;

    private static final int DIGITS = 3;

    private final Histogram histogram = new Histogram(LARGEST, DIGITS);
    private final long[] inOrder;
    private long count;
    private long sum;
    private long min = Long.MAX_VALUE;
    private long max;
    private long overflows;

    Samples() {
        this(0);
    }

    /** Also keeps the first so many samples in time order. */
    Samples(int kept) {
        inOrder = new long[kept];
    }

    void record(long nanos) {
        if (count < inOrder.length) {
            inOrder[(int) count] = nanos;
        }
        count++;
        sum += nanos;
        if (nanos < min) {
            min = nanos;
        }
        if (nanos > max) {
            max = nanos;
        }
        if (nanos <= LARGEST) {
            histogram.recordValue(nanos);
        } else {
            overflows++;
        }
    }

    void add(Samples other) {
        for (int i = 0; i < Math.min(other.count, other.inOrder.length) && count + i < inOrder.length; i++) {
            inOrder[(int) count + i] = other.inOrder[i];
        }
        count += other.count;
        sum += other.sum;
        min = Math.min(min, other.min);
        max = Math.max(max, other.max);
        overflows += other.overflows;
        histogram.add(other.histogram);
    }

    void clear() {
        histogram.reset();
        count = 0;
        sum = 0;
        min = Long.MAX_VALUE;
        max = 0;
        overflows = 0;
    }

    long count() {
        return count;
    }

    /** Samples above {@link #LARGEST}: in count, mean and maximum, but in no percentile. */
    long overflows() {
        return overflows;
    }

    OptionalLong min() {
        return count == 0 ? OptionalLong.empty() : OptionalLong.of(min);
    }

    /** Exact, unlike the percentiles, which have three digits. */
    OptionalLong max() {
        return count == 0 ? OptionalLong.empty() : OptionalLong.of(max);
    }

    OptionalDouble mean() {
        return count == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) sum / count);
    }

    OptionalDouble median() {
        return percentile(50);
    }

    OptionalDouble standardDeviation() {
        return count < 2 || overflows > 0 ? OptionalDouble.empty() : OptionalDouble.of(histogram.getStdDeviation());
    }

    /**
     * A percentile, if there are samples enough that one at least lies above it.
     *
     * @param percent between 0 and 100
     */
    OptionalDouble percentile(double percent) {
        double above = count * (100 - percent) / 100;
        if (above < 1 - 1e-6 || overflows > above) {
            return OptionalDouble.empty();
        }
        // the histogram does not hold the overflows, which are the largest
        double ofHistogram = overflows == 0 ? percent : percent * count / (count - overflows);
        long value = histogram.getValueAtPercentile(Math.min(100, ofHistogram));
        return OptionalDouble.of((double) Math.max(min, Math.min(max, value)));
    }

    Histogram histogram() {
        return histogram;
    }

    /** The samples that were kept, in time order. */
    long[] inOrder() {
        return Arrays.copyOf(inOrder, (int) Math.min(count, inOrder.length));
    }
}
