package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class OutputTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(PrintStream out, String line) {
        return Perftest.run(out, new PrintStream(err, true, StandardCharsets.UTF_8), line.split(" "));
    }

    @Test
    @DisplayName("a report that cannot be written is a failure")
    void fullDisk() {
        PrintStream full = new PrintStream(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("no space left");
            }
        });
        assertThat(run(full, "devices")).isEqualTo(Perftest.FAILED);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("could not be written");
    }

    @ParameterizedTest
    @DisplayName("what names something that is not there is wrong usage, or fails with a sentence and no stack trace")
    @CsvSource({
        "send_lat --loopback -d nodev, 2, nodev",
        "devinfo -d nodev, 2, nodev",
        "devinfo -i 7, 2, no port 7",
        "'send_lat --loopback --pin_cores 0,999', 2, --pin_cores",
        "send_lat --loopback -n 50 --hdr_log /nonexistent/x, 1, cannot write /nonexistent/x"
    })
    void namesNothing(String line, int status, String sentence) {
        assertThat(run(new PrintStream(OutputStream.nullOutputStream()), line)).isEqualTo(status);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains(sentence).doesNotContain("\tat ");
    }
}
