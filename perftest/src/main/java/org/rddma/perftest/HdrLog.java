package org.rddma.perftest;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/** --hdr_log: an interval of HdrHistogram's log format for each row, tagged with its size. */
final class HdrLog implements Report, AutoCloseable {
    private final PrintStream stream;
    private final HistogramLogWriter writer;
    private final long start = System.currentTimeMillis();
    private long intervalStart = start;

    HdrLog(Path file) throws IOException {
        stream = new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8);
        writer = new HistogramLogWriter(stream);
    }

    @Override
    public void begin(Side local, SideAddress remote) {
        writer.outputComment("[round trip times in nanoseconds; divide by " + local.settings.rttDivisor()
                + " for what the report of " + local.settings.kind.command() + " shows]");
        writer.outputLogFormatVersion();
        writer.outputStartTime(start);
        writer.setBaseTime(start);
        writer.outputLegend();
    }

    @Override
    public void row(LatencyResult result) {
        Histogram histogram = result.samples().histogram();
        long now = System.currentTimeMillis();
        histogram.setTag("size=" + result.size());
        histogram.setStartTimeStamp(intervalStart);
        histogram.setEndTimeStamp(now);
        writer.outputIntervalHistogram(histogram);
        intervalStart = now;
    }

    @Override
    public void row(BandwidthResult result) {
        throw new IllegalStateException("bandwidth has no histogram");
    }

    @Override
    public void interrupted(String sentence) {
        writer.outputComment("[" + sentence + "]");
    }

    @Override
    public void close() {
        stream.close();
    }
}
