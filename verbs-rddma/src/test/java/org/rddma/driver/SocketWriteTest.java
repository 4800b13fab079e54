package org.rddma.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.driver.emulator.DriverEmulator;
import org.rddma.driver.emulator.EmulatorOptions;
import org.rddma.driver.internal.SocketDriverFile;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.internal.os.EventFd;
import org.rddma.verbs.internal.os.UnixSocket;

/** Writes to the socket of a driver that do not go as they should. */
class SocketWriteTest {
    private static final int ENOTCONN = 107;

    private static ByteBuffer direct(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).rewind();
    }

    private static long openDescriptors() {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aBlockingWriteThatTheSystemRefusesDoesNotWaitForItsReply(@TempDir Path folder) throws Throwable {
        UnixSocket unconnected = UnixSocket.listen(folder.resolve("s"), 1, "test");
        DriverFile file = new SocketDriverFile(unconnected, () -> null, "test", false, () -> {});
        Deadline.Running writer = Deadline.start(
                "writer",
                () -> assertThatThrownBy(() -> file.write(direct("x"), 0, 1))
                        .isInstanceOfSatisfying(
                                VerbsException.class, e -> assertThat(e.errno()).isEqualTo(ENOTCONN)));
        try {
            writer.join();
        } finally {
            file.close();
        }
    }

    @Test
    void aDescriptorThatComesWithTheRequestOfAMappingIsNotKept(@TempDir Path folder) {
        ByteBuffer request = direct("\0map 1 2");
        ByteBuffer answer = ByteBuffer.allocateDirect(DriverFile.LONGEST_REPLY);
        EventFd event = EventFd.counter("test");
        try (DriverEmulator emulator = DriverEmulator.start(EmulatorOptions.defaults())) {
            emulator.listen(folder.resolve("rddma"));
            UnixSocket client = UnixSocket.connect(folder.resolve("rddma"), "test");
            long before = openDescriptors();
            for (int i = 0; i < 50; i++) {
                assertThat(client.send(request, 0, request.capacity(), event.fd()))
                        .isEqualTo(8);
                Deadline.await("an answer", () -> client.receive(answer, 0, answer.capacity()) > 0);
            }
            assertThat(openDescriptors()).isLessThan(before + 50);
            client.close();
        }
        event.close();
    }
}
