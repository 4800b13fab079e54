package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ReadmeSnippetTest {
    private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @Test
    @Timeout(60)
    @DisplayName("the README's first program compiles and runs as printed, and prints what the README says")
    void firstProgram(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("Hello.java"), snippet());
        List<String> lines = run(file).lines().sorted().toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).startsWith("completion of 1 ").endsWith("RECV, 5 bytes");
        assertThat(lines.get(1)).startsWith("completion of 2 ").contains("SEND");
    }

    @Test
    @DisplayName("the README's first program has at most 25 lines")
    void isShort() throws IOException {
        assertThat(snippet().lines().count()).isLessThanOrEqualTo(25);
    }

    private static String snippet() throws IOException {
        Matcher matcher = SNIPPET.matcher(Files.readString(Path.of("..", "README.md")));
        assertThat(matcher.find()).isTrue();
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
