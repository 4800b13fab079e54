package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.driver.DriverFile;
import org.rddma.verbs.conformance.Deadline;

/** The driver in user space as a command: others open it by its socket, and nothing is left of it when it ends. */
@Timeout(60)
class DriverCommandTest {
    @TempDir
    private Path folder;

    /** The command in a thread of its own, which an interrupt ends as Ctrl-C ends a process. */
    private static final class Running implements AutoCloseable {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final AtomicInteger status = new AtomicInteger(-1);
        private final Deadline.Running thread;

        Running(String... arguments) {
            PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
            thread = Deadline.start("driver", () -> status.set(Perftest.run(stream, stream, arguments)));
            Deadline.await("it listens", () -> !thread.isAlive() || text().contains("\n"));
        }

        String text() {
            return out.toString(StandardCharsets.UTF_8);
        }

        int end() throws Throwable {
            thread.thread().interrupt();
            thread.join();
            return status.get();
        }

        @Override
        public void close() {
            thread.thread().interrupt();
        }
    }

    private static String ask(Path socket, String command) {
        byte[] text = command.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer memory = ByteBuffer.allocateDirect(DriverFile.LONGEST_REPLY).put(0, text);
        try (DriverFile file = DriverFile.open(socket.toString(), false)) {
            assertThat(file.write(memory, 0, text.length)).isEqualTo(text.length);
            byte[] reply = new byte[file.read(memory, 0, memory.capacity())];
            memory.get(0, reply);
            return new String(reply, StandardCharsets.US_ASCII);
        }
    }

    @Test
    void othersOpenItByItsSocketUntilItIsEnded() throws Throwable {
        Path socket = folder.resolve("driver");
        try (Running driver = new Running("rddma-driver", "--socket", socket.toString())) {
            assertThat(driver.text()).isEqualTo("rddma-driver: listening on " + socket + "\n");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
            assertThat(ask(socket, "location_create://l?default_ops(private),request(1)"))
                    .isEqualTo("location_create://l#0:0?result(0),reply(1)\n");
            assertThat(ask(socket, "smb_create://b.l:1000?request(2)"))
                    .isEqualTo("smb_create://b.l#0:1000?result(0),reply(2)\n");

            assertThat(driver.end()).isZero();
        }
        assertThat(Files.exists(socket)).isFalse();
    }

    @Test
    void optionsChangeTheDriver() throws Throwable {
        Path socket = folder.resolve("driver");
        try (Running driver = new Running(
                "rddma-driver", "--socket", socket.toString(), "--no-vfi", "--strict", "--max-buffers", "1")) {
            assertThat(ask(socket, "location_create://l?default_ops(private)")).contains("result(0)");
            assertThat(ask(socket, "sync_create://s.l#2?request(3)")).contains("result(10101)");
            assertThat(ask(socket, "smb_create://b.l:10")).contains("result(0)");
            assertThat(ask(socket, "smb_create://c.l:10")).contains("result(1)");

            assertThat(driver.end()).isZero();
        }
    }

    @Test
    void aSecondDriverAtTheSamePlaceIsRefusedAndDoesNotHarmTheFirst() throws Throwable {
        Path socket = folder.resolve("driver");
        try (Running driver = new Running("rddma-driver", "--socket", socket.toString())) {
            Cli second = Cli.run("rddma-driver", "--socket", socket.toString());

            assertThat(second.status()).isEqualTo(Perftest.FAILED);
            assertThat(second.err()).contains("listens").contains(socket.toString());
            assertThat(ask(socket, "location_create://l?default_ops(private)")).contains("result(0)");
            assertThat(driver.end()).isZero();
        }
    }

    @Test
    void wrongUsageIsToldBeforeAnythingIsStarted() {
        Path socket = folder.resolve("driver");

        assertThat(Cli.run("rddma-driver").status()).isEqualTo(Perftest.USAGE);
        Cli none = Cli.run("rddma-driver", "--socket", socket.toString(), "--max-opens", "0");
        assertThat(none.status()).isEqualTo(Perftest.USAGE);
        assertThat(none.err()).contains("a limit is at least 1");
        assertThat(Files.exists(socket)).isFalse();
    }
}
