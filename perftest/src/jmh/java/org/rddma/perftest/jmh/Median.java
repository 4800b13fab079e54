package org.rddma.perftest.jmh;

import java.util.List;

/** The middle one: what others do on the machine meanwhile moves it little. */
final class Median {
    private Median() {}

    static double of(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
