package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
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

    @Test
    @DisplayName("the README's property of a protocol compiles as printed, and has at most 25 lines")
    void protocol(@TempDir Path folder) throws IOException {
        String snippet = snippetAfter("## Prove your protocol");
        assertThat(snippet.lines().count()).isLessThanOrEqualTo(25);
        Path file = Files.writeString(folder.resolve("MyProtocolProperties.java"), snippet);
        StringWriter messages = new StringWriter();
        int status = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(
                        new PrintWriter(messages),
                        new PrintWriter(messages),
                        "-proc:none",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-d",
                        folder.toString(),
                        file.toString());
        assertThat(status).as("%s", messages).isZero();
    }

    private static String snippet() throws IOException {
        return snippetAfter("## A first program");
    }

    private static String snippetAfter(String heading) throws IOException {
        String readme = Files.readString(Path.of("..", "README.md"));
        assertThat(readme).contains(heading);
        Matcher matcher = SNIPPET.matcher(readme);
        assertThat(matcher.find(readme.indexOf(heading))).isTrue();
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
