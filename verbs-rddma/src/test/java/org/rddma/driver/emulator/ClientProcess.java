package org.rddma.driver.emulator;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.rddma.verbs.conformance.Deadline;

/** Another process that has a driver open and does what it is told, line by line. */
final class ClientProcess implements AutoCloseable {
    /** For the virtual machine to begin, too. */
    private static final Duration PATIENCE = Duration.ofSeconds(50);

    private final Process process;
    private final BufferedReader answers;

    /** Starts it; nothing is waited for. */
    ClientProcess(Path driver) throws IOException {
        this(driver, "client");
    }

    /** Starts one that is the driver. */
    static ClientProcess driver(Path path) throws IOException {
        return new ClientProcess(path, "driver");
    }

    private ClientProcess(Path path, String role) throws IOException {
        process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ClientMain.class.getName(),
                        path.toString(),
                        role))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = process.inputReader(US_ASCII);
    }

    /** Tells it to do something, and waits for the answer. */
    String say(String line) {
        try {
            process.outputWriter(US_ASCII).append(line).append('\n').flush();
            Deadline.await("an answer to " + line, PATIENCE, this::hasAnswered);
            return answers.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean hasAnswered() {
        try {
            return answers.ready() || !process.isAlive();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String ask(String command) {
        return say("ask " + command);
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** As kill -9 does it. */
    void kill() throws InterruptedException {
        int unused = process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join(); // then its pipes are closed, too
    }
}
