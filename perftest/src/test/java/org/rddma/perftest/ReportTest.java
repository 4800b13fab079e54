package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.zip.DataFormatException;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What reports look like to those who parse them. */
@Timeout(120)
class ReportTest {
    private static final String SEPARATOR = "-".repeat(87);

    @TempDir
    private Path folder;

    @Test
    void latencyColumnsAreInOrder() {
        Cli cli = Cli.loopback("send_lat -n 1000");

        assertThat(cli.columns())
                .containsExactly(
                        "#bytes",
                        "#iterations",
                        "t_min[usec]",
                        "t_max[usec]",
                        "t_typical[usec]",
                        "t_avg[usec]",
                        "t_stdev[usec]",
                        "99% percentile[usec]",
                        "99.9% percentile[usec]",
                        "99.99% percentile[usec]",
                        "99.999% percentile[usec]",
                        "true max[usec]");
        List<String> row = cli.row(2);
        assertThat(row.get(8)).isNotEqualTo("-");
        assertThat(row.get(9)).isEqualTo("-"); // a thousand samples are too few
        assertThat(cli.out().lines().filter(SEPARATOR::equals)).hasSize(4);
        assertThat(cli.out()).contains("Send Latency Test", " local address: LID ", " remote address: LID ");
    }

    @Test
    void jsonHasTheSchemaOfLatency() throws IOException, DataFormatException {
        JsonObject document = json("send_lat -n 1000 -e --percentiles 95");

        JsonObject info = document.getAsJsonObject("test_info");
        assertThat(info.get("test").getAsString()).isEqualTo("Send_Latency_Test");
        assertThat(info.keySet())
                .contains(
                        "Device", "Number_of_qps", "Connection_type", "TX_depth", "RX_depth", "Mtu", "Max_inline_data");
        assertThat(document.get("rtt_divisor").getAsInt()).isEqualTo(2);
        assertThat(document.get("provider").getAsString()).isNotEmpty();
        assertThat(document.getAsJsonObject("units").get("latency").getAsString())
                .isEqualTo("usec");
        assertThat(document.getAsJsonObject("jvm").get("java.vm.version").getAsString())
                .isNotEmpty();
        JsonObject row = document.getAsJsonArray("results").get(0).getAsJsonObject();
        assertThat(row.keySet())
                .contains(
                        "MsgSize",
                        "n_iterations",
                        "t_min",
                        "t_max",
                        "t_typical",
                        "t_avg",
                        "t_stdev",
                        "percentile_99",
                        "percentile_99.9",
                        "warmup");
        JsonObject percentiles = row.getAsJsonObject("percentiles");
        assertThat(percentiles.keySet()).containsExactly("50", "90", "99", "99.9", "99.99", "99.999", "95", "max");
        assertThat(percentiles.get("99.9").isJsonNull()).isFalse();
        assertThat(percentiles.get("99.99").isJsonNull()).isTrue();
        assertThat(row.getAsJsonObject("warmup").get("messages").getAsLong()).isPositive();
        JsonObject completion = row.getAsJsonObject("completion");
        assertThat(completion.get("mode").getAsString()).isEqualTo("event");
        assertThat(completion.get("events").getAsLong()).isPositive();
        Histogram histogram = Histogram.decodeFromCompressedByteBuffer(
                ByteBuffer.wrap(Base64.getDecoder().decode(row.get("hdr").getAsString())), 0);
        assertThat(histogram.getTotalCount()).isEqualTo(1000);
        assertThat(histogram.getValueAtPercentile(50) / 2000.0)
                .isEqualTo(percentiles.get("50").getAsDouble());
    }

    @Test
    void jsonKeepsEverySize() throws IOException {
        JsonArray results = json("send_lat -n 5 -a -c UD").getAsJsonArray("results");

        assertThat(results).hasSize(12);
        assertThat(results.get(11).getAsJsonObject().get("MsgSize").getAsInt()).isEqualTo(4096);
    }

    @Test
    void jsonHasTheSchemaOfBandwidth() throws IOException {
        JsonObject document = json("write_bw -n 30000 -s 64 --report_gbits -w 0 -y 0");

        assertThat(document.getAsJsonObject("units").get("bandwidth").getAsString())
                .isEqualTo("Gb/sec");
        JsonObject row = document.getAsJsonArray("results").get(0).getAsJsonObject();
        assertThat(row.get("BW_peak").isJsonNull()).isTrue(); // not measured on long runs
        assertThat(row.get("BW_average").getAsDouble()).isPositive();
        assertThat(row.get("MsgRate").getAsDouble()).isPositive();
        assertThat(row.getAsJsonObject("limits").get("passed").getAsBoolean()).isTrue();
    }

    @Test
    void jsonHasLimits() throws IOException {
        JsonObject document = json("send_lat -n 100 --limits");

        JsonObject limits =
                document.getAsJsonArray("results").get(0).getAsJsonObject().getAsJsonObject("limits");
        assertThat(limits.get("limit").getAsString()).isEqualTo("cache line, one way");
        assertThat(limits.get("ratio").getAsDouble()).isPositive();
        assertThat(limits.getAsJsonArray("test_rounds")).hasSize(7);
        assertThat(limits.getAsJsonArray("limit_rounds")).hasSize(7);
    }

    @Test
    void limitsOfBandwidthAreAFraction() {
        Cli cli = Cli.loopback("write_bw -n 100 -s 4096 --limits");

        assertThat(cli.status()).isZero();
        assertThat(cli.out()).contains("limit: bulk copy of 4096 bytes", "of the limit (quartiles of 7 rounds");
    }

    @Test
    void missingALimitFails() {
        Cli bandwidth = Cli.loopback("write_bw -n 100 -s 64 -w 1e12");
        assertThat(bandwidth.status()).isEqualTo(1);
        assertThat(bandwidth.err()).contains("-w: ");
        assertThat(bandwidth.row(64)).hasSize(5);

        Cli rate = Cli.loopback("write_bw -n 100 -s 64 -y 1e12");
        assertThat(rate.status()).isEqualTo(1);
        assertThat(rate.err()).contains("-y: ");
    }

    @Test
    void oneBareNumber() {
        for (String line : new String[] {
            "send_lat -n 50 --output=latency", "send_bw -n 50 --output=bandwidth", "send_bw -n 50 --output=message_rate"
        }) {
            Cli cli = Cli.loopback(line);

            assertThat(cli.status()).isZero();
            assertThat(Double.parseDouble(cli.out().strip())).isPositive();
            assertThat(cli.out().lines()).hasSize(1);
        }
    }

    @Test
    void peakIsADashWhereNotMeasured() {
        assertThat(Cli.loopback("write_bw -n 100 -s 64 -N").row(64).get(2)).isEqualTo("-");
    }

    @Test
    void slowBandwidthHasSixDecimals() {
        assertThat(BandwidthColumns.row(
                        new BandwidthResult(
                                2,
                                new Transfer(1000, 1e9, java.util.OptionalDouble.empty()),
                                null,
                                null,
                                -1,
                                new WarmUp(0, 0),
                                new CompletionStatistics(0, 0, 0),
                                null),
                        false))
                .contains("0.001907");
    }

    @Test
    void histogramAndSamplesComeBeforeTheRow() {
        Cli cli = Cli.loopback("send_lat -n 100 -H -U");

        assertThat(cli.out()).containsSubsequence("#, usec", "\n100, ", "Percentile", "#[Mean", " #bytes", " 2  ");
        assertThat(cli.status()).isZero();
    }

    @Test
    void hdrLogCanBeRead() throws IOException {
        Path log = folder.resolve("latency.hlog");
        Cli cli = Cli.loopback("send_lat -n 100 --hdr_log " + log);

        assertThat(cli.status()).isZero();
        assertThat(Files.readString(log)).contains("divide by 2");
        try (HistogramLogReader reader = new HistogramLogReader(log.toFile())) {
            EncodableHistogram histogram = reader.nextIntervalHistogram();
            assertThat(((Histogram) histogram).getTotalCount()).isEqualTo(100);
            assertThat(histogram.getTag()).isEqualTo("size=2");
        }
    }

    @Test
    void aFileThatCannotBeWrittenFails() {
        Cli cli = Cli.loopback("send_lat -n 5 --out_json_file " + folder.resolve("no/such/folder.json"));

        assertThat(cli.status()).isEqualTo(1);
        assertThat(cli.err()).isNotBlank();
    }

    private JsonObject json(String line) throws IOException {
        Path file = folder.resolve("report.json");
        Cli cli = Cli.loopback(line + " --out_json_file " + file);
        assertThat(cli.err()).isEmpty();
        assertThat(cli.status()).isZero();
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file); // no temporary file is left
        }
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }
}
