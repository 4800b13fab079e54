package org.rddma.perftest;

import java.util.ArrayList;
import java.util.List;

/**
 * A test next to its limit, over rounds of both in turn.
 *
 * @param limit what the limit is
 * @param unit of the values
 * @param limitRounds what each round of the limit gave
 * @param testRounds what each round of the test gave
 */
record Comparison(String limit, String unit, List<Double> limitRounds, List<Double> testRounds) {
    private static final double NOISY = 0.25;

    double limitMedian() {
        return quantile(limitRounds, 0.5);
    }

    double testMedian() {
        return quantile(testRounds, 0.5);
    }

    /** The median of the ratios of the rounds: neighbours in time see the same machine. */
    double ratio() {
        return quantile(ratios(), 0.5);
    }

    double ratioLow() {
        return quantile(ratios(), 0.25);
    }

    double ratioHigh() {
        return quantile(ratios(), 0.75);
    }

    /** Distance of the quartiles of the rounds, as a fraction of their median: the larger of limit and test. */
    double spread() {
        return Math.max(spread(limitRounds), spread(testRounds));
    }

    boolean isNoisy() {
        return spread() > NOISY;
    }

    private List<Double> ratios() {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < testRounds.size(); i++) {
            ratios.add(testRounds.get(i) / limitRounds.get(i));
        }
        return ratios;
    }

    private static double spread(List<Double> rounds) {
        return (quantile(rounds, 0.75) - quantile(rounds, 0.25)) / quantile(rounds, 0.5);
    }

    /** With linear interpolation between neighbours. */
    static double quantile(List<Double> values, double fraction) {
        List<Double> sorted = values.stream().sorted().toList();
        double position = fraction * (sorted.size() - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.size() - 1);
        return sorted.get(below) + (position - below) * (sorted.get(above) - sorted.get(below));
    }
}
