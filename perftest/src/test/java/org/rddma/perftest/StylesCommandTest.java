package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.perftest.FaultyEcho.Fault;

/** The styles command runs every style, and shows no figure when one of them goes wrong. */
@Timeout(180)
class StylesCommandTest {

    private static Cli styles(String line) {
        return Cli.run(("styles " + line).split(" ", -1));
    }

    @Test
    void everyStyleHasARowAndTheFirstIsTheReference(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("styles.json");

        Cli cli = styles("-D 0.1 --rounds 2 --clients 3 --window 4 -s 100 --out_json_file " + file);

        assertThat(cli.err()).isEmpty();
        assertThat(cli.status()).isZero();
        List<String> titles = EchoStyles.ALL.stream().map(EchoStyle::title).toList();
        assertThat(titles).doesNotHaveDuplicates().startsWith("polling");
        JsonObject document = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        assertThat(document.get("reference").getAsString()).isEqualTo("polling");
        assertThat(document.get("clients").getAsInt()).isEqualTo(3);
        List<String> inJson = new ArrayList<>();
        for (JsonElement element : document.getAsJsonArray("styles")) {
            JsonObject row = element.getAsJsonObject();
            inJson.add(row.get("style").getAsString());
            assertThat(row.get("messages_per_sec").getAsDouble()).isPositive();
            assertThat(row.getAsJsonArray("messages_per_sec_rounds")).hasSize(2);
            assertThat(row.get("round_trips").getAsLong()).isGreaterThanOrEqualTo(2 * Limit.LEAST_SAMPLES);
            assertThat(row.get("round_trip_p50_us").getAsDouble()).isPositive();
            assertThat(row.get("throughput_ratio").getAsDouble()).isPositive();
        }
        assertThat(inJson).isEqualTo(titles);
        assertThat(titles).allSatisfy(title -> assertThat(cli.out()).containsPattern("\n " + title + " +[0-9]+ "));
        assertThat(cli.out()).containsPattern("\n polling +[0-9]+ +1\\.00 \\(1\\.00\\.\\.1\\.00\\)");
    }

    @Test
    void someStylesCanBeChosenAndTheReferenceIsWithThem() {
        Cli cli = styles("-D 0.1 --rounds 1 --style fixed-order");

        assertThat(cli.err()).isEmpty();
        assertThat(cli.out()).contains("\n polling ", "\n fixed-order ").doesNotContain("\n blocking ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--clients 1 --window 1 -s 8", "--clients 2 --window 3 -s 9", "--clients 1 --window 2 -s 64K"})
    void theSmallestAndTheLargestPlansWork(String line) {
        Cli cli = styles("-D 0.1 --rounds 1 " + line);

        assertThat(cli.err()).isEmpty();
        assertThat(cli.status()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "CREATE_FAILS; there is no room",
                "TOO_FEW_QUEUE_PAIRS; the service has 1 queue pairs for 2 clients",
                "ANOTHER_CONTENT; is not what was sent",
                "ANOTHER_LENGTH; bytes, but",
                "LOSES_ONE; is not what was sent|bytes, but",
                "SENDS_TWICE; is not what was sent|bytes, but|is the echo of nothing",
                "SENDS_TWICE_AT_THE_END; is the echo of nothing",
                "THREAD_DIES; on purpose",
                "HANGS_IN_CLOSE; the service does not close",
                "CLOSE_FAILS; on purpose",
            })
    void aStyleThatGoesWrongFailsTheRunAndNoFigureIsShown(Fault fault, String sentences, @TempDir Path folder) {
        Path file = folder.resolve("styles.json");

        Cli cli = run(fault, file, 2, 4);

        assertThat(cli.status()).isEqualTo(1);
        assertThat(cli.out()).isEmpty();
        assertThat(cli.err()).startsWith("perftest styles: faulty: ").containsPattern(sentences);
        assertThat(cli.err().lines()).hasSize(1);
        assertThat(file).doesNotExist();
    }

    @Test
    void theSameStyleWithoutAFaultPasses(@TempDir Path folder) {
        Path file = folder.resolve("styles.json");

        Cli cli = run(Fault.NONE, file, 2, 4);

        assertThat(cli.err()).isEmpty();
        assertThat(cli.status()).isZero();
        assertThat(file).exists();
    }

    /** A message that is lost when it is the only one under way: nothing else tells of it. */
    @Test
    void silenceFailsTheRun(@TempDir Path folder) {
        Cli cli = run(Fault.LOSES_ONE, folder.resolve("styles.json"), 1, 1);

        assertThat(cli.status()).isEqualTo(1);
        assertThat(cli.out()).isEmpty();
        assertThat(cli.err()).contains("no echo came for 1000 ms");
    }

    @ParameterizedTest
    @CsvSource({
        "--clients 0, --clients may be 1 to 1024",
        "--window 1025, --window may be 1 to 1024",
        "-s 7, -s may be 8 to 1048576",
        "-s 1M --clients 1024, the messages take more than 256 MiB",
        "-D 0, -D may be 0.01 to 3600",
        "--rounds 0, --rounds may be 1 to 1000",
        "--patience 0, --patience may be 1 to 3600",
        "-d nowhere, there is no device 'nowhere'",
        "--style nosuch, there is no style 'nosuch'",
    })
    void wrongOptionsAreUsageErrors(String line, String sentence) {
        Cli cli = styles(line);

        assertThat(cli.status()).isEqualTo(2);
        assertThat(cli.out()).isEmpty();
        assertThat(cli.err()).contains(sentence);
    }

    @Test
    void percentilesOfTooFewSamplesAreNotShown() {
        Samples few = new Samples();
        for (int i = 1; i <= 50; i++) {
            few.record(1000L * i);
        }
        EchoTrial.Result result = new EchoTrial.Result(1000, few);
        StyleRow row =
                StyleRow.of(new PollingEcho(), new PollingEcho(), List.of(result, result), List.of(result, result));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        // 100 samples have a 99th percentile, 50 have none
        StyleRow single = StyleRow.of(new PollingEcho(), new PollingEcho(), List.of(result), List.of(result));
        new StylesReport("soft0", new EchoPlan(1, 1, 8), List.of(row, single))
                .print(new PrintStream(bytes, true, StandardCharsets.UTF_8));

        String text = bytes.toString(StandardCharsets.UTF_8);
        assertThat(text)
                .containsPattern("polling +1000 .* 25\\.\\d+ +50\\.\\d+ ")
                .containsPattern(" 25\\.\\d+ +- ");
        JsonObject json = new StylesReport("soft0", new EchoPlan(1, 1, 8), List.of(single)).json();
        assertThat(json.getAsJsonArray("styles")
                        .get(0)
                        .getAsJsonObject()
                        .get("round_trip_p99_us")
                        .isJsonNull())
                .isTrue();
    }

    private static Cli run(Fault fault, Path json, int clients, int window) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String line = "styles -D 0.2 --rounds 1 --patience 1 -s 64 --clients " + clients + " --window " + window
                + " --out_json_file " + json;
        int status = Perftest.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                List.of(new FaultyEcho(fault)),
                line.split(" ", -1));
        return new Cli(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
