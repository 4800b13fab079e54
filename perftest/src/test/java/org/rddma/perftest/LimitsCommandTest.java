package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The limits command measures all it promises. */
@Tag("slow")
@Timeout(180)
class LimitsCommandTest {
    @Test
    void measuresEverything(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("limits.json");

        Cli cli = Cli.run("limits", "--out_json_file", file.toString());

        assertThat(cli.err()).isEmpty();
        assertThat(cli.status()).isZero();
        assertThat(cli.out())
                .contains(
                        "cache line, one way",
                        "eventfd, one way",
                        "UDP, one way",
                        "UDP polling, one way",
                        "poll(2), timeout 0",
                        "eventfd write and read")
                .contains("channel wait, one way", "event loop, one way", "event loop / channel wait")
                .contains("socketpair, round trip", "RDDMA command, round trip")
                .containsPattern("\n +64 +")
                .containsPattern("\n +67108864 +");
        assertThat(JsonParser.parseString(Files.readString(file))
                        .getAsJsonObject()
                        .getAsJsonArray("limits"))
                .hasSize(10 + 11);
    }
}
