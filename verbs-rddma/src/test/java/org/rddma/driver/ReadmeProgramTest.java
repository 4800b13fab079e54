package org.rddma.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The README's program for the driver compiles and runs as printed. */
class ReadmeProgramTest {
    @Test
    @Timeout(60)
    void theProgramForTheDriverRunsAsPrinted(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("Copy.java"), snippet());

        assertThat(run(file)).isEqualTo("""
                        location_create://here#0:0?result(0),reply(1)
                        smb_create://from.here#0:1000?result(0),reply(2)
                        smb_create://to.here#0:1000?result(0),reply(3)
                        xfer_create://x.here#0:0?result(0),reply(4)
                        bind_create://x.here#0:1000/to.here#0:1000=from.here#0:1000?result(0),reply(5)
                        true
                        """);
    }

    private static String snippet() throws IOException {
        String readme = Files.readString(Path.of("..", "README.md"));
        Matcher matcher = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme);
        assertThat(matcher.find(readme.indexOf("## The RDDMA driver"))).isTrue();
        return matcher.group(1);
    }

    /** Compiles and runs one file, in a virtual machine of its own. */
    private static String run(Path file) throws IOException, InterruptedException {
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(java.waitFor()).as("exit status").isZero();
        return output;
    }
}
