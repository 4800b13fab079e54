package org.rddma.perftest;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.HdrHistogram.Histogram;

/** The report as one JSON document. What was not measured is null. */
final class JsonReport implements Report {
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99, 99.999};

    private final Settings settings;
    private final JsonObject document = new JsonObject();
    private final JsonArray results = new JsonArray();

    JsonReport(Settings settings) {
        this.settings = settings;
    }

    @Override
    public void begin(Side local, SideAddress remote) {
        JsonObject info = new JsonObject();
        info.addProperty("test", TestFacts.title(settings).replace(' ', '_'));
        for (Map.Entry<String, Object> fact :
                new TestFacts(settings, local).asMap().entrySet()) {
            info.add(
                    fact.getKey(),
                    fact.getValue() instanceof Number number
                            ? new JsonPrimitive(number)
                            : new JsonPrimitive(fact.getValue().toString()));
        }
        for (String absent : new String[] {"PCIe_relax_order", "ibv_wr_API", "Use_ROCm_memory", "Use_MUSA_memory"}) {
            info.addProperty(absent, "OFF"); // perftest has these keys; here is no such thing
        }
        document.add("test_info", info);
        JsonObject units = new JsonObject();
        units.addProperty("latency", "usec");
        units.addProperty("bandwidth", settings.reportGbits ? "Gb/sec" : "MiB/sec");
        units.addProperty("message_rate", "Mpps");
        document.add("units", units);
        document.addProperty("rtt_divisor", settings.rttDivisor());
        document.addProperty("provider", local.context.device().provider());
        document.addProperty("dispatch", "mux");
        document.addProperty("perftest_version", Perftest.version());
        document.addProperty("timestamp", Instant.now().toString());
        JsonObject jvm = new JsonObject();
        for (String key : new String[] {"java.vm.name", "java.vm.vendor", "java.vm.version", "os.arch", "os.version"}) {
            jvm.addProperty(key, System.getProperty(key));
        }
        jvm.addProperty("processors", Runtime.getRuntime().availableProcessors());
        document.add("jvm", jvm);
        Clock clock = Clock.measure();
        JsonObject timer = new JsonObject();
        timer.addProperty("call_ns", clock.callNanos());
        timer.addProperty("step_ns", clock.stepNanos());
        document.add("clock", timer);
        document.add("results", results);
    }

    @Override
    public void row(LatencyResult result) {
        Samples samples = result.samples();
        int divisor = result.divisor();
        JsonObject row = new JsonObject();
        row.addProperty("MsgSize", result.size());
        row.addProperty("n_iterations", samples.count());
        row.add("t_min", microseconds(samples.min(), divisor));
        row.add("t_max", microseconds(samples.max(), divisor));
        row.add("t_typical", microseconds(samples.median(), divisor));
        row.add("t_avg", microseconds(samples.mean(), divisor));
        row.add("t_stdev", microseconds(samples.standardDeviation(), divisor));
        row.add("percentile_99", microseconds(samples.percentile(99), divisor));
        row.add("percentile_99.9", microseconds(samples.percentile(99.9), divisor));
        JsonObject percentiles = new JsonObject();
        for (double percent : PERCENTILES) {
            percentiles.add(name(percent), microseconds(samples.percentile(percent), divisor));
        }
        for (double percent : settings.percentiles) {
            percentiles.add(name(percent), microseconds(samples.percentile(percent), divisor));
        }
        percentiles.add("max", microseconds(samples.max(), divisor));
        row.add("percentiles", percentiles);
        row.addProperty("overflows", samples.overflows());
        row.addProperty("hdr", encoded(samples.histogram()));
        finish(row, result.warmUp(), result.completion(), result.comparison());
    }

    @Override
    public void row(BandwidthResult result) {
        JsonObject row = new JsonObject();
        row.addProperty("MsgSize", result.size());
        row.addProperty("n_iterations", result.transfer().messages());
        addRates(row, result);
        row.add("received", result.received() < 0 ? JsonNull.INSTANCE : new JsonPrimitive(result.received()));
        if (settings.reportBoth) {
            row.add("local", direction(result.of(result.local())));
            row.add("remote", direction(result.of(result.remote())));
        }
        finish(row, result.warmUp(), result.completion(), result.comparison());
        JsonObject limits = row.has("limits") ? row.getAsJsonObject("limits") : new JsonObject();
        if (settings.limitBandwidth != null || settings.limitMessageRate != null) {
            limits.addProperty("limit_bw", settings.limitBandwidth);
            limits.addProperty("limit_msgrate", settings.limitMessageRate);
            limits.addProperty("passed", Thresholds.failureOf(settings, result) == null);
            row.add("limits", limits);
        }
    }

    private void addRates(JsonObject row, BandwidthResult result) {
        row.add("BW_peak", measured(result.peak(settings.reportGbits)));
        row.add("BW_average", measured(result.average(settings.reportGbits)));
        row.add("MsgRate", measured(result.millionMessagesPerSecond()));
        row.add("seconds", measured(result.transfer().nanos() / 1e9));
    }

    private static JsonElement measured(double value) {
        return Double.isNaN(value) ? JsonNull.INSTANCE : new JsonPrimitive(value);
    }

    private JsonObject direction(BandwidthResult result) {
        JsonObject direction = new JsonObject();
        direction.addProperty("n_iterations", result.transfer().messages());
        addRates(direction, result);
        return direction;
    }

    @Override
    public void interrupted(String sentence) {
        document.addProperty("interrupted", sentence);
    }

    private void finish(JsonObject row, WarmUp warmUp, CompletionStatistics statistics, Comparison comparison) {
        JsonObject warm = new JsonObject();
        warm.addProperty("messages", warmUp.messages());
        warm.addProperty("seconds", warmUp.seconds());
        row.add("warmup", warm);
        JsonObject completion = new JsonObject();
        completion.addProperty("mode", settings.events ? "event" : "poll");
        completion.addProperty("events", statistics.events());
        completion.addProperty("empty_polls", statistics.emptyPolls());
        completion.addProperty("spurious_wakeups", statistics.emptyWakeups());
        row.add("completion", completion);
        if (comparison != null) {
            row.add("limits", limits(comparison));
        }
        results.add(row);
    }

    private static JsonObject limits(Comparison comparison) {
        JsonObject limits = new JsonObject();
        limits.addProperty("limit", comparison.limit());
        limits.addProperty("unit", comparison.unit());
        limits.addProperty("limit_median", comparison.limitMedian());
        limits.addProperty("test_median", comparison.testMedian());
        limits.addProperty("ratio", comparison.ratio());
        limits.addProperty("ratio_p25", comparison.ratioLow());
        limits.addProperty("ratio_p75", comparison.ratioHigh());
        limits.addProperty("spread", comparison.spread());
        limits.addProperty("noisy", comparison.isNoisy());
        limits.add("limit_rounds", array(comparison.limitRounds()));
        limits.add("test_rounds", array(comparison.testRounds()));
        return limits;
    }

    /** Writes the document; a reader sees the old file or the whole new one. */
    void write(Path file) throws IOException {
        write(document, file);
    }

    static void write(JsonObject document, Path file) throws IOException {
        Gson gson = new GsonBuilder()
                .setPrettyPrinting()
                .serializeNulls()
                .disableHtmlEscaping()
                .create();
        Path target = file.toAbsolutePath();
        Path temporary = Files.createTempFile(target.getParent(), ".perftest", ".json");
        try {
            Files.writeString(temporary, gson.toJson(document) + "\n");
            Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static JsonArray array(List<Double> values) {
        JsonArray array = new JsonArray();
        for (double value : values) {
            array.add(value);
        }
        return array;
    }

    private static String name(double percent) {
        return percent == Math.rint(percent) ? Long.toString((long) percent) : Double.toString(percent);
    }

    private static JsonElement microseconds(OptionalLong nanos, int divisor) {
        return nanos.isEmpty() ? JsonNull.INSTANCE : new JsonPrimitive(nanos.getAsLong() / 1000.0 / divisor);
    }

    private static JsonElement microseconds(OptionalDouble nanos, int divisor) {
        return nanos.isEmpty() ? JsonNull.INSTANCE : new JsonPrimitive(nanos.getAsDouble() / 1000 / divisor);
    }

    private static String encoded(Histogram histogram) {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
    }
}
