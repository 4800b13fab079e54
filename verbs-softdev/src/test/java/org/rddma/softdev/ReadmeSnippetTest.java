package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
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
        int result = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-d",
                        folder.toString(),
                        file.toString());
        assertThat(result).as("exit status of the compiler").isZero();
        List<String> lines = run(folder).lines().sorted().toList();
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

    private static String run(Path folder) throws Exception {
        PrintStream stdout = System.out;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
            loader.loadClass("Hello").getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        } finally {
            System.setOut(stdout);
        }
        return captured.toString(StandardCharsets.UTF_8);
    }
}
