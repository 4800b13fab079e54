package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.spi.ToolProvider;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One source for all: only the import says whether the device is chosen by its name when the program runs, or its provider
 * when the program is compiled.
 */
@Timeout(60)
class DirectLinkingTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "org.rddma.verbs.Verbs, soft0",
        "org.rddma.verbs.Verbs, rddma0",
        "org.rddma.softdev.SoftDevice, soft0",
        "org.rddma.driver.provider.RddmaDevice, rddma0"
    })
    void oneSourceDoesTheSameWithEveryFactory(String factory, String device) throws Exception {
        compile(factory, device);

        assertThat(run()).isEqualTo("SUCCESS SUCCESS a message, a message");
    }

    @ParameterizedTest
    @CsvSource({"org.rddma.softdev.SoftDevice", "org.rddma.driver.provider.RddmaDevice"})
    void whatIsLinkedDirectlyCallsNoInterfaceOfTheVerbs(String factory) throws IOException {
        compile(factory, "any");

        assertThat(callsOfInterfaces()).noneMatch(call -> call.contains("org/rddma/verbs/"));
    }

    @Test
    void whatIsOpenedByNameCallsNothingElse() throws IOException {
        compile("org.rddma.verbs.Verbs", "any");

        assertThat(callsOfInterfaces()).anyMatch(call -> call.contains("org/rddma/verbs/CompletionQueue.poll"));
    }

    private void compile(String factory, String device) throws IOException {
        String text;
        try (var sample = DirectLinkingTest.class.getResourceAsStream("/linking/Sample.txt")) {
            text = new String(sample.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("FACTORY", factory)
                    .replace("DEVICE", device);
        }
        Path source = Files.writeString(folder.resolve("Sample.java"), text);
        JavaCompiler compiler = javax.tools.ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options =
                    List.of("-proc:none", "-cp", System.getProperty("java.class.path"), "-d", folder.toString());
            boolean compiled = compiler.getTask(messages, files, null, options, null, files.getJavaFileObjects(source))
                    .call();
            assertThat(compiled).as("%s", messages).isTrue();
        }
    }

    private Object run() throws Exception {
        ClassLoader parent = DirectLinkingTest.class.getClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, parent)) {
            return loader.loadClass("Sample")
                    .asSubclass(Callable.class)
                    .getConstructor()
                    .newInstance()
                    .call();
        }
    }

    private List<String> callsOfInterfaces() {
        StringWriter listing = new StringWriter();
        int status = ToolProvider.findFirst("javap")
                .orElseThrow()
                .run(
                        new PrintWriter(listing),
                        new PrintWriter(listing),
                        "-c",
                        "-p",
                        folder.resolve("Sample.class").toString());
        assertThat(status).as("%s", listing).isZero();
        return listing.toString()
                .lines()
                .filter(line -> line.contains("invokeinterface"))
                .toList();
    }
}
