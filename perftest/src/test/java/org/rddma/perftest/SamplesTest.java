package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The figures of a known sample, and none without samples enough. */
class SamplesTest {
    @Test
    void figuresOfAKnownSample() {
        Samples samples = new Samples();
        for (int i = 1; i <= 1000; i++) {
            samples.record(i * 1000L);
        }

        assertThat(samples.count()).isEqualTo(1000);
        assertThat(samples.min()).hasValue(1000);
        assertThat(samples.max()).hasValue(1_000_000);
        assertThat(samples.mean()).hasValue(500_500);
        assertThat(samples.median().orElseThrow()).isCloseTo(500_000, within(500.0));
        assertThat(samples.percentile(99).orElseThrow()).isCloseTo(990_000, within(990.0));
        assertThat(samples.percentile(99.9).orElseThrow()).isCloseTo(999_000, within(999.0));
        assertThat(samples.standardDeviation().orElseThrow()).isCloseTo(288_675, within(500.0));
    }

    @Test
    void noPercentileWithoutASampleAboveIt() {
        Samples samples = new Samples();
        for (int i = 0; i < 99; i++) {
            samples.record(5);
        }
        assertThat(samples.percentile(99)).isEmpty();
        samples.record(5);
        assertThat(samples.percentile(99)).hasValue(5);
        assertThat(samples.percentile(99.9)).isEmpty();
        for (int i = 0; i < 99_899; i++) {
            samples.record(5);
        }
        assertThat(samples.percentile(99.999)).isEmpty();
        samples.record(5);
        assertThat(samples.percentile(99.999)).hasValue(5);
    }

    @Test
    void nothingOfNothing() {
        Samples samples = new Samples();

        assertThat(samples.min()).isEmpty();
        assertThat(samples.max()).isEmpty();
        assertThat(samples.mean()).isEmpty();
        assertThat(samples.median()).isEmpty();
        assertThat(samples.standardDeviation()).isEmpty();
    }

    @Test
    void theLargestAreCounted() {
        Samples samples = new Samples();
        for (int i = 0; i < 999; i++) {
            samples.record(10);
        }
        samples.record(Samples.LARGEST + 1);

        assertThat(samples.overflows()).isEqualTo(1);
        assertThat(samples.count()).isEqualTo(1000);
        assertThat(samples.max()).hasValue(Samples.LARGEST + 1);
        assertThat(samples.percentile(99)).hasValue(10);
        assertThat(samples.standardDeviation()).isEmpty();
    }

    @Test
    void addingKeepsEverything() {
        Samples first = new Samples();
        Samples second = new Samples();
        first.record(10);
        first.record(20);
        second.record(5);
        second.record(40);

        Samples sum = new Samples(3);
        sum.add(first);
        sum.add(second);

        assertThat(sum.count()).isEqualTo(4);
        assertThat(sum.min()).hasValue(5);
        assertThat(sum.max()).hasValue(40);
        assertThat(sum.mean()).hasValue(18.75);
    }

    @Test
    void keepsTimeOrderWhenAsked() {
        Samples samples = new Samples(2);
        samples.record(3);
        samples.record(1);
        samples.record(2);

        assertThat(samples.inOrder()).containsExactly(3, 1);
    }

    @Test
    void quartilesOfRounds() {
        Comparison comparison = new Comparison(
                "x",
                "ns",
                java.util.List.of(10.0, 10.0, 10.0, 10.0, 10.0),
                java.util.List.of(10.0, 20.0, 30.0, 40.0, 50.0));

        assertThat(comparison.ratio()).isEqualTo(3);
        assertThat(comparison.ratioLow()).isEqualTo(2);
        assertThat(comparison.ratioHigh()).isEqualTo(4);
        assertThat(comparison.isNoisy()).isTrue();
    }

    @Test
    void peakIsTheBestStretch() {
        PeakRate peak = new PeakRate(2);
        peak.clear();
        assertThat(peak.messagesPerSecond()).isEmpty();
        peak.start();
        peak.posted(0, 1);
        peak.completed(1);
        assertThat(peak.messagesPerSecond()).isPresent();
    }
}
