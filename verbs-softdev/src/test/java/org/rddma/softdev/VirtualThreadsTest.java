package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.conformance.HangGuard;

/**
 * Futures in virtual threads, in a virtual machine of their own with one carrier: one wait that keeps it, and all stand
 * still. Where these tests run on a JDK without virtual threads, another one that is installed runs the program.
 */
@HangGuard(seconds = 120)
final class VirtualThreadsTest {
    private static final int VIRTUAL_THREADS_SINCE = 21;
    private static final long LIMIT_SECONDS = 60;

    /** The java command of a JDK that has virtual threads; null where none is installed. */
    private static Path java() throws IOException {
        List<Path> homes = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"))));
        Path installed = Path.of("/usr/lib/jvm");
        if (Files.isDirectory(installed)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(installed)) {
                all.forEach(homes::add);
            }
        }
        for (Path home : homes) {
            Path java = home.resolve("bin/java");
            if (Files.isExecutable(java) && versionOf(home) >= VIRTUAL_THREADS_SINCE) {
                return java;
            }
        }
        return null;
    }

    private static int versionOf(Path home) throws IOException {
        Path release = home.resolve("release");
        if (!Files.isReadable(release)) {
            return 0;
        }
        for (String line : Files.readAllLines(release, StandardCharsets.UTF_8)) {
            if (line.matches("JAVA_VERSION=\"\\d+.*")) {
                return Integer.parseInt(line.replaceAll("JAVA_VERSION=\"(\\d+).*", "$1"));
            }
        }
        return 0;
    }

    private static String run() throws Exception {
        Path java = java();
        Assumptions.assumeTrue(java != null, "no JDK with virtual threads is installed");
        List<String> command = List.of(
                java.toString(),
                "-Djdk.virtualThreadScheduler.parallelism=1",
                "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                VirtualThreadsProgram.class.getName());
        Path output = Files.createTempFile("virtual-threads", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
            Process unused = process.destroyForcibly();
            int status = process.waitFor();
            return (ended ? "exit " + status : "hangs") + ": " + Files.readString(output);
        } finally {
            Files.delete(output);
        }
    }

    @Test
    @DisplayName("hundreds of virtual threads wait for room and for futures on one carrier, and never pin it")
    void neverPinned() throws Exception {
        assertThat(run())
                .isEqualTo("exit 0: received " + VirtualThreadsProgram.SENDERS * VirtualThreadsProgram.MESSAGES
                        + ", checksum " + VirtualThreadsProgram.expectedChecksum() + ", pinned 0\n");
    }
}
