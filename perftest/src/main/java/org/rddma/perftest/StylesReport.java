package org.rddma.perftest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** The report of the styles command: a table, and the same as JSON. What was not measured is '-', or null. */
final class StylesReport {
    private static final String LINE = "-".repeat(87);
    private static final double NANOS_PER_USEC = 1000;

    private final String device;
    private final EchoPlan plan;
    private final List<StyleRow> rows;

    StylesReport(String device, EchoPlan plan, List<StyleRow> rows) {
        this.device = device;
        this.plan = plan;
        this.rows = rows;
    }

    void print(PrintStream out) {
        StyleRow reference = rows.get(0);
        StringBuilder text = new StringBuilder();
        line(text, LINE);
        line(text, " ".repeat(20) + "Styles of application: the same echo service in each");
        line(text, " Device       : " + device);
        line(
                text,
                " Clients      : " + plan.clients() + ", " + plan.window() + " messages of up to " + plan.size()
                        + " bytes under way for each");
        line(
                text,
                " Rounds       : " + reference.throughput().testRounds().size() + ", the styles in turn; compared with "
                        + reference.style());
        line(text, LINE);
        line(text, "                  throughput                      round trip, one message at a time");
        line(text, " style              [msg/sec]  ratio (quartiles)   p50[usec]  p99[usec]  ratio (quartiles)");
        for (StyleRow row : rows) {
            line(text, row(row));
        }
        line(text, LINE);
        List<String> noisy =
                rows.stream().filter(StyleRow::isNoisy).map(StyleRow::style).toList();
        if (!noisy.isEmpty()) {
            line(
                    text,
                    " The machine was noisy: the rounds of " + String.join(", ", noisy) + " differ by more than 25 %.");
        }
        line(text, " Medians of the rounds; percentiles of all round trips; '-' where the samples are too few.");
        line(text, " Every byte of every echo was compared with what was sent.");
        out.print(text);
    }

    private static String row(StyleRow row) {
        return String.format(
                Locale.ROOT,
                " %-16s %11.0f  %5.2f (%4.2f..%4.2f)  %9.2f  %9s  %5.2f (%4.2f..%4.2f)",
                row.style(),
                row.throughput().testMedian(),
                row.throughput().ratio(),
                row.throughput().ratioLow(),
                row.throughput().ratioHigh(),
                row.roundTrips().median().orElseThrow() / NANOS_PER_USEC,
                microseconds(row.roundTrips().percentile(99)),
                row.latency().ratio(),
                row.latency().ratioLow(),
                row.latency().ratioHigh());
    }

    private static String microseconds(OptionalDouble nanos) {
        return nanos.isEmpty() ? "-" : String.format(Locale.ROOT, "%.2f", nanos.getAsDouble() / NANOS_PER_USEC);
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append('\n');
    }

    JsonObject json() {
        JsonObject document = new JsonObject();
        document.addProperty("device", device);
        document.addProperty("clients", plan.clients());
        document.addProperty("window", plan.window());
        document.addProperty("size", plan.size());
        document.addProperty("reference", rows.get(0).style());
        document.addProperty("perftest_version", Perftest.version());
        JsonArray styles = new JsonArray();
        rows.forEach(row -> styles.add(json(row)));
        document.add("styles", styles);
        return document;
    }

    private static JsonObject json(StyleRow row) {
        JsonObject json = new JsonObject();
        json.addProperty("style", row.style());
        json.addProperty("messages_per_sec", row.throughput().testMedian());
        json.add("messages_per_sec_rounds", numbers(row.throughput().testRounds()));
        json.addProperty("throughput_ratio", row.throughput().ratio());
        json.addProperty("throughput_ratio_low", row.throughput().ratioLow());
        json.addProperty("throughput_ratio_high", row.throughput().ratioHigh());
        json.addProperty("round_trips", row.roundTrips().count());
        json.add("round_trip_p50_us", number(row.roundTrips().median()));
        json.add("round_trip_p99_us", number(row.roundTrips().percentile(99)));
        json.add("round_trip_max_us", new JsonPrimitive(row.roundTrips().max().orElseThrow() / NANOS_PER_USEC));
        json.addProperty("latency_ratio", row.latency().ratio());
        json.addProperty("latency_ratio_low", row.latency().ratioLow());
        json.addProperty("latency_ratio_high", row.latency().ratioHigh());
        json.addProperty("noisy", row.isNoisy());
        return json;
    }

    private static JsonArray numbers(List<Double> values) {
        JsonArray array = new JsonArray();
        values.forEach(array::add);
        return array;
    }

    private static JsonElement number(OptionalDouble nanos) {
        return nanos.isEmpty() ? JsonNull.INSTANCE : new JsonPrimitive(nanos.getAsDouble() / NANOS_PER_USEC);
    }
}
