package org.rddma.perftest;

import java.util.Locale;

/** -w and -y: what a bandwidth test must reach. */
final class Thresholds {
    private Thresholds() {}

    /** A sentence, or null when it passes. */
    static String failureOf(Settings settings, BandwidthResult result) {
        double bandwidth = result.average(settings.reportGbits);
        if (settings.limitBandwidth != null && !(bandwidth >= settings.limitBandwidth)) {
            return String.format(
                    Locale.ROOT, "-w: the average bandwidth, %.2f, is below %.2f", bandwidth, settings.limitBandwidth);
        }
        double rate = result.millionMessagesPerSecond();
        if (settings.limitMessageRate != null && !(rate >= settings.limitMessageRate)) {
            return String.format(
                    Locale.ROOT, "-y: the message rate, %.6f Mpps, is below %.6f", rate, settings.limitMessageRate);
        }
        return null;
    }
}
