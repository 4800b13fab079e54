package org.rddma.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;

/** On devices that every machine has: a pseudo-terminal, which repeats each line, and /dev/zero, which can be mapped. */
class KernelDriverFileTest {
    private static final String ECHO = "/dev/ptmx";
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final long SECONDS = TimeUnit.SECONDS.toNanos(10);

    private final ByteBuffer out = ByteBuffer.allocateDirect(64);
    private final ByteBuffer in = ByteBuffer.allocateDirect(DriverFile.LONGEST_REPLY);

    private int write(DriverFile file, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        out.put(0, bytes);
        return file.write(out, 0, bytes.length);
    }

    private String read(DriverFile file, int length) {
        int read = file.read(in, 0, length);
        byte[] bytes = new byte[read];
        in.get(0, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Reads so much, which may come in pieces. */
    private String readAll(DriverFile file, int length) {
        StringBuilder all = new StringBuilder();
        while (all.length() < length) {
            assertThat(file.await(SECONDS)).as("more than '%s'", all).isTrue();
            all.append(read(file, DriverFile.LONGEST_REPLY));
        }
        return all.toString();
    }

    @Test
    void aDeviceIsWrittenAndReadByItsOwnCalls() throws Throwable {
        Deadline.run("device", LIMIT, () -> {
            try (DriverFile file = DriverFile.open(ECHO, true)) {
                assertThat(file).isInstanceOf(KernelDriverFile.class);
                assertThat(file.read(in, 0, 10)).isEqualTo(-Errno.EAGAIN);
                assertThat(file.await(0)).isFalse();
                assertThat(write(file, "a line\n")).isEqualTo(7);
                assertThat(readAll(file, 8)).isEqualTo("a line\r\n");
                assertThat(file.read(in, 0, 10)).isEqualTo(-Errno.EAGAIN);
            }
        });
    }

    @Test
    void whatASmallBufferHasNoRoomForIsReadNext() throws Throwable {
        Deadline.run("device", LIMIT, () -> {
            try (DriverFile file = DriverFile.open(ECHO, false)) {
                assertThat(write(file, "one reply\n")).isEqualTo(10);
                assertThat(read(file, 3)).isEqualTo("one");
                assertThat(readAll(file, 8)).isEqualTo(" reply\r\n");
                assertThat(file.await(0)).isFalse();
            }
        });
    }

    @Test
    void anInterruptedThreadReadsAndWritesWhatNeedsNoWait() throws Throwable {
        Deadline.run("device", LIMIT, () -> {
            try (DriverFile file = DriverFile.open(ECHO, true)) {
                Thread.currentThread().interrupt();
                assertThat(file.read(in, 0, 10)).isEqualTo(-Errno.EAGAIN);
                assertThat(file.await(0)).isFalse();
                assertThat(write(file, "a line\n")).isEqualTo(7);
                assertThat(Thread.interrupted()).isTrue();
                assertThat(file.await(SECONDS)).isTrue();
                Thread.currentThread().interrupt();
                assertThat(read(file, DriverFile.LONGEST_REPLY)).isEqualTo("a line\r\n");
                assertThat(Thread.interrupted()).isTrue();
            }
        });
    }

    @Test
    void dispatchingADeviceIsNoFailureForAnInterruptedThread() throws Throwable {
        Deadline.run("device", LIMIT, () -> {
            try (AsyncConnection connection = AsyncConnection.over(DriverFile.open(ECHO, true))) {
                Thread.currentThread().interrupt();
                assertThat(connection.dispatch(1, TimeUnit.HOURS)).isZero();
                AsyncHandle unused = connection.invoke(Commands.eventStart("e", "L"));
                assertThat(Thread.interrupted()).isTrue();
                assertThat(connection.dispatch(10, TimeUnit.SECONDS)).isEqualTo(1);
            }
        });
    }

    @Test
    void aThreadThatReadsIsWokenByAnInterrupt() throws Throwable {
        Deadline.run("device", LIMIT, () -> {
            try (DriverFile file = DriverFile.open(ECHO, false)) {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> file.read(in, 0, 10))
                        .isInstanceOfSatisfying(
                                VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINTR));
                assertThat(Thread.interrupted()).isTrue();
            }
        });
    }

    @Test
    void aThreadThatReadsIsWokenByAClose() throws Throwable {
        Deadline.run("device", LIMIT, () -> {
            DriverFile file = DriverFile.open(ECHO, false);
            Thread closer = new Thread(file::close);
            closer.start();
            assertThatThrownBy(() -> file.read(in, 0, 10))
                    .isInstanceOfSatisfying(
                            VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
            closer.join();
        });
    }

    @Test
    void theFlagIsChangedWhileItIsOpen() throws Throwable {
        Deadline.run("device", LIMIT, () -> {
            try (DriverFile file = DriverFile.open(ECHO, false)) {
                assertThat(file.nonBlocking()).isFalse();
                file.nonBlocking(true);
                assertThat(file.nonBlocking()).isTrue();
                assertThat(file.read(in, 0, 10)).isEqualTo(-Errno.EAGAIN);
            }
        });
    }

    @Test
    void whatADeviceMapsIsMemory() {
        ByteBuffer memory;
        try (DriverFile file = DriverFile.open("/dev/zero", true)) {
            memory = file.map(0, 8192);
        }
        memory.putLong(8184, 42); // the mapping outlives its file
        assertThat(memory.getLong(8184)).isEqualTo(42);
        assertThat(memory.capacity()).isEqualTo(8192);
    }

    @Test
    void whatADeviceDoesNotMapIsAnError() {
        try (DriverFile file = DriverFile.open(ECHO, true)) {
            assertThatThrownBy(() -> file.map(0, 4096)).isInstanceOf(VerbsException.class);
            assertThatThrownBy(() -> file.map(0, 0)).hasMessageContaining("cannot be mapped");
        }
    }

    @Test
    void aFileThatIsNoDriverIsRefused(@TempDir Path folder) throws Exception {
        Path plain = Files.createFile(folder.resolve("plain"));
        assertThatThrownBy(() -> DriverFile.open(plain.toString(), true))
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
        assertThatThrownBy(() -> DriverFile.open(folder.resolve("nothing").toString(), true))
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
        assertThatThrownBy(() -> DriverFile.open("a\0path", true))
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
    }
}
