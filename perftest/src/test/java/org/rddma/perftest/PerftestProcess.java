package org.rddma.perftest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.rddma.verbs.conformance.Deadline;

/** The command line in a process of its own, whose output is read as it comes. */
final class PerftestProcess implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final Process process;
    private final StringBuilder output = new StringBuilder();
    private final Thread reader;

    PerftestProcess(String line) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", // it is not measured
                "-cp",
                System.getProperty("java.class.path"),
                "org.rddma.perftest.Perftest"));
        command.addAll(List.of(line.strip().split(" +", -1)));
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        reader = new Thread(this::read, "reader of " + line);
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (output) {
                    output.append(line).append('\n');
                }
            }
        } catch (IOException e) {
            // it was killed
        }
    }

    String output() {
        synchronized (output) {
            return output.toString();
        }
    }

    /** Waits until it has written this. */
    void awaitOutput(String text) {
        Deadline.await(
                "'" + text + "' in the output",
                Duration.ofSeconds(PATIENCE_SECONDS),
                () -> output().contains(text) || !process.isAlive());
        if (!output().contains(text)) {
            throw new AssertionError("it never wrote '" + text + "':\n" + output());
        }
    }

    /** Ends it with SIGTERM, which it treats as it does Ctrl-C. */
    void tell() {
        boolean unused = process.toHandle().destroy(); // Process.destroy would close the pipe of its output, too
    }

    /** Ends it with SIGKILL. */
    void kill() {
        Process unused = process.destroyForcibly();
    }

    /** Waits for its end, and returns its exit status. */
    int join() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("it does not end:\n" + output());
        }
        reader.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        return process.exitValue();
    }

    @Override
    public void close() {
        kill();
    }
}
