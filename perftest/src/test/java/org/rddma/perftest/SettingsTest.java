package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Defaults and how options change each other. */
class SettingsTest {
    private static Settings settings(TestKind kind, java.util.function.Consumer<TestOptions> change) {
        TestOptions options = new TestOptions();
        options.loopback = true;
        change.accept(options);
        return Settings.of(kind, options);
    }

    @Test
    void latencyDefaults() {
        Settings settings = settings(TestKind.SEND_LAT, options -> {});

        assertThat(settings.size).isEqualTo(2);
        assertThat(settings.iterations).isEqualTo(1000);
        assertThat(settings.txDepth).isEqualTo(1);
        assertThat(settings.rxDepth).isEqualTo(512);
        assertThat(settings.cqModeration).isEqualTo(1);
        assertThat(settings.inlineSize).isEqualTo(236);
        assertThat(settings.rttDivisor()).isEqualTo(2);
        assertThat(settings(TestKind.WRITE_LAT, options -> {}).inlineSize).isEqualTo(220);
        assertThat(settings(TestKind.SEND_LAT, options -> options.connection = "UD").inlineSize)
                .isEqualTo(188);
        assertThat(settings(TestKind.READ_LAT, options -> {}).inlineSize).isZero();
        assertThat(settings(TestKind.READ_LAT, options -> {}).rttDivisor()).isEqualTo(1);
        assertThat(settings(TestKind.ATOMIC_LAT, options -> {}).size).isEqualTo(8);
    }

    @Test
    void bandwidthDefaults() {
        Settings settings = settings(TestKind.WRITE_BW, options -> {});

        assertThat(settings.size).isEqualTo(65536);
        assertThat(settings.iterations).isEqualTo(5000);
        assertThat(settings.txDepth).isEqualTo(128);
        assertThat(settings.rxDepth).isEqualTo(1);
        assertThat(settings.inlineSize).isZero();
        assertThat(settings.peak).isTrue();
    }

    @Test
    void moderationDependsOnSizeAndDepth() {
        assertThat(settings(TestKind.WRITE_BW, options -> {}).cqModeration).isEqualTo(1);
        assertThat(settings(TestKind.WRITE_BW, options -> options.size = 8192).cqModeration)
                .isEqualTo(100);
        assertThat(settings(TestKind.WRITE_BW, options -> options.all = true).cqModeration)
                .isEqualTo(100);
        assertThat(settings(TestKind.SEND_BW, options -> options.events = true).cqModeration)
                .isEqualTo(100);
        assertThat(settings(TestKind.WRITE_BW, options -> {
                            options.size = 64;
                            options.txDepth = 10;
                        })
                        .cqModeration)
                .isEqualTo(10);
        assertThat(settings(TestKind.WRITE_BW, options -> options.postList = 8).cqModeration)
                .isEqualTo(8);
    }

    @Test
    void depthsAreClippedToTheMessages() {
        Settings settings = settings(TestKind.SEND_BW, options -> options.iterations = 7L);

        assertThat(settings.txDepth).isEqualTo(7);
        assertThat(settings.rxDepth).isEqualTo(8); // odd ones are rounded up
    }

    @Test
    void unreliableReceiversPostMore() {
        assertThat(settings(TestKind.SEND_BW, options -> {
                            options.connection = "uc";
                            options.iterations = 100_000L;
                        })
                        .rxDepth)
                .isEqualTo(16_000);
    }

    @Test
    void peakIsForShortCountedRuns() {
        assertThat(settings(TestKind.SEND_BW, options -> options.noPeak = true).peak)
                .isFalse();
        assertThat(settings(TestKind.SEND_BW, options -> options.duration = 1).peak)
                .isFalse();
        assertThat(settings(TestKind.SEND_BW, options -> options.iterations = 20_001L).peak)
                .isFalse();
    }

    @Test
    void aQuarterOfTheDurationIsMargin() {
        assertThat(settings(TestKind.SEND_LAT, options -> options.duration = 8).marginNanos)
                .isEqualTo(2_000_000_000L);
    }

    @Test
    void allSizesEndAtTheLargest() {
        Settings settings = settings(TestKind.SEND_LAT, options -> options.all = true);

        assertThat(settings.sizes(1L << 31)).hasSize(23).startsWith(2, 4).endsWith(1 << 23);
        assertThat(settings.sizes(4096)).hasSize(12).endsWith(4096);
    }

    @Test
    void sizesHaveSuffixes() {
        SizeConverter converter = new SizeConverter();

        assertThat(converter.convert("64")).isEqualTo(64);
        assertThat(converter.convert("4k")).isEqualTo(4096);
        assertThat(converter.convert("1M")).isEqualTo(1 << 20);
    }

    @Test
    void processorListsHaveRanges() {
        assertThat(Processors.parse("0-2,7")).containsExactly(0, 1, 2, 7);
    }
}
