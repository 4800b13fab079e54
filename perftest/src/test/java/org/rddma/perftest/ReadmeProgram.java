package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/** Compiles an example of the README in a folder, together with what the reader would add, and runs it. */
final class ReadmeProgram {
    /** A folder for each example that leaves something to the reader: sources and service files. */
    static final Path COMPANIONS = Path.of("src", "test", "resources", "readme");

    private static final int SECONDS = 300;

    private final ReadmeExample example;
    private final Path folder;
    private final Path classes;

    ReadmeProgram(ReadmeExample example, Path folder) {
        this.example = example;
        this.folder = folder;
        classes = folder.resolve("classes");
    }

    void compile() throws IOException {
        List<Path> sources = new ArrayList<>();
        sources.add(Files.writeString(folder.resolve(example.mainType() + ".java"), example.source()));
        for (String type : example.types()) {
            sources.addAll(companions(COMPANIONS.resolve(type)));
        }
        List<String> arguments = new ArrayList<>(List.of("-proc:none", "-cp", classPath(), "-d", classes.toString()));
        sources.forEach(source -> arguments.add(source.toString()));
        StringWriter messages = new StringWriter();
        int status = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(new PrintWriter(messages), new PrintWriter(messages), arguments.toArray(String[]::new));
        assertThat(status).as("%s", messages).isZero();
    }

    /** Puts what is no source beside the classes. */
    private List<Path> companions(Path companion) throws IOException {
        List<Path> sources = new ArrayList<>();
        if (Files.isDirectory(companion)) {
            try (Stream<Path> files = Files.walk(companion)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    if (file.toString().endsWith(".java")) {
                        sources.add(file);
                    } else {
                        Path copy = classes.resolve(companion.relativize(file));
                        Files.createDirectories(copy.getParent());
                        Files.copy(file, copy);
                    }
                }
            }
        }
        return sources;
    }

    /** Returns what it prints. */
    String run() throws IOException, InterruptedException {
        return java(List.of(example.mainType()));
    }

    void runTests() throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(ReadmeTests.class.getName()));
        try (Stream<Path> files = Files.walk(classes)) {
            files.map(file -> classes.relativize(file).toString())
                    .filter(file -> file.endsWith(".class"))
                    .map(file -> file.substring(0, file.length() - ".class".length()))
                    .filter(ReadmeExample::isNameOfTests)
                    .map(file -> file.replace(File.separatorChar, '.'))
                    .forEach(arguments::add);
        }
        java(arguments);
    }

    private String java(List<String> arguments) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Path errors = folder.resolve("errors");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                classPath()));
        command.addAll(arguments);
        Process java = new ProcessBuilder(command)
                .directory(folder.toFile()) // some leave files where they run
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        try {
            assertThat(java.waitFor(SECONDS, TimeUnit.SECONDS))
                    .as(() -> "it ends within " + SECONDS + " seconds; it has printed: " + text(output) + text(errors))
                    .isTrue();
        } finally {
            java.destroyForcibly();
        }
        assertThat(java.exitValue())
                .as(() -> "exit status; it has printed: " + text(output) + text(errors))
                .isZero();
        return Files.readString(output);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failure) {
            return failure.toString();
        }
    }

    private String classPath() {
        StringBuilder path = new StringBuilder(classes.toString());
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            path.append(File.pathSeparatorChar).append(Path.of(entry).toAbsolutePath());
        }
        return path.toString();
    }
}
