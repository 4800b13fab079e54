package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.driver.DriverFile;
import org.rddma.driver.internal.SocketProtocol;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.Descriptors;
import org.rddma.verbs.internal.os.EventFd;
import org.rddma.verbs.internal.os.UnixSocket;

/** The connections that mappings are asked for on: no open files, and of no other use. */
@Timeout(60)
class MappingTest {
    private static final int OPENS = 2;

    @TempDir
    private Path folder;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(DriverFile.LONGEST_REPLY);
    private DriverEmulator driver;
    private Path path;

    @BeforeEach
    void start() {
        path = folder.resolve("driver");
        driver = DriverEmulator.start(
                EmulatorOptions.defaults().withLimits(EmulatorLimits.defaults().withOpens(OPENS, 16, 8)));
        driver.listen(path);
    }

    @AfterEach
    void end() {
        assertThat(driver.counters().internalErrors()).isZero();
        driver.close();
    }

    private String ask(DriverFile file, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        assertThat(file.write(memory.put(0, bytes), 0, bytes.length)).isEqualTo(bytes.length);
        byte[] reply = new byte[file.read(memory, 0, memory.capacity())];
        memory.get(0, reply);
        return new String(reply, StandardCharsets.US_ASCII);
    }

    /** A buffer, and where it can be mapped. */
    private long ticket(DriverFile file) {
        assertThat(ask(file, "location_create://l?default_ops(private)")).contains("result(0)");
        assertThat(ask(file, "smb_create://b.l:1000")).contains("result(0)");
        String reply = ask(file, "smb_mmap://b.l:1000");
        int at = reply.indexOf("mmap_offset(") + "mmap_offset(".length();
        return Long.parseLong(reply.substring(at, reply.indexOf(')', at)), 16);
    }

    private static boolean canMap(DriverFile file, long ticket) {
        try {
            return file.map(ticket, 0x1000).capacity() == 0x1000;
        } catch (VerbsException e) {
            return false;
        }
    }

    private int receive(UnixSocket socket) {
        assertThat(Descriptors.isReadable(socket.fd(), 10_000))
                .as("an answer in time")
                .isTrue();
        return socket.receive(memory, 0, memory.capacity());
    }

    @Test
    void whenNoMoreFilesCanBeOpenedThoseThatAreCanStillMap() {
        try (DriverFile inside = driver.open(false);
                DriverFile outside = DriverEmulator.connect(path, false)) {
            long ticket = ticket(inside);
            assertThat(ask(outside, "bogus://x")).contains("10101");
            assertThatThrownBy(() -> driver.open(false)).isInstanceOf(VerbsException.class);

            ByteBuffer here = inside.map(ticket, 0x1000);
            ByteBuffer there = outside.map(ticket, 0x1000);

            here.put(7, (byte) 42);
            assertThat(there.get(7)).isEqualTo((byte) 42);
            assertThat(driver.counters().opens()).isEqualTo(OPENS);
        }
    }

    @Test
    void aConnectionForMappingsIsNoOpenFileAndThereIsALimitOfThem() {
        UnixSocket[] sockets = new UnixSocket[OPENS + 1];
        try (DriverFile file = driver.open(false)) {
            long ticket = ticket(file);
            for (int i = 0; i < OPENS; i++) {
                sockets[i] = UnixSocket.connectNamed(path, "test");
                ByteBuffer request = SocketProtocol.mapRequest(ticket, 0x1000);
                assertThat(sockets[i].send(request, 0, request.capacity(), UnixSocket.NONE))
                        .isPositive();
                assertThat(receive(sockets[i])).isPositive();
                assertThat(driver.counters().opens()).isEqualTo(1);
            }
            sockets[OPENS] = UnixSocket.connectNamed(path, "test");
            assertThat(receive(sockets[OPENS])).isPositive();
            assertThat(receive(sockets[OPENS])).isZero();
            assertThat(driver.counters().refusedOpens()).isEqualTo(1);

            sockets[0].close();
            Deadline.await("there is room again", () -> canMap(file, ticket));
        } finally {
            for (UnixSocket socket : sockets) {
                if (socket != null) {
                    socket.close();
                }
            }
        }
    }

    @Test
    void aConnectionForMappingsTakesNoCommands() {
        UnixSocket socket = UnixSocket.connectNamed(path, "test");
        try {
            byte[] text = "bogus://x".getBytes(StandardCharsets.US_ASCII);
            assertThat(socket.send(memory.put(0, text), 0, text.length, UnixSocket.NONE))
                    .isPositive();
            assertThat(receive(socket)).isZero();
            assertThat(driver.counters().commands()).isZero();
        } finally {
            socket.close();
        }
    }

    @Test
    void aTicketThatNobodyGaveMapsNothing() {
        try (DriverFile file = DriverEmulator.connect(path, false)) {
            assertThatThrownBy(() -> file.map(0x123000, 0x1000))
                    .isInstanceOfSatisfying(
                            VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
        }
    }

    @Test
    void aDescriptorThatComesWithARequestForAMappingIsClosed() {
        EventFd sent = EventFd.counter("test");
        UnixSocket socket = UnixSocket.connect(path, "test");
        try {
            byte[] shortest = "\0map 1 1".getBytes(StandardCharsets.US_ASCII);
            assertThat(socket.send(memory.put(0, shortest), 0, shortest.length, UnixSocket.NONE))
                    .isPositive();
            assertThat(receive(socket)).isPositive();
            long before = OpenDescriptors.count();
            for (int i = 0; i < 20; i++) {
                assertThat(socket.send(memory.put(0, shortest), 0, shortest.length, sent.fd()))
                        .isPositive();
                assertThat(receive(socket)).isPositive();
            }
            assertThat(OpenDescriptors.count()).isEqualTo(before);
        } finally {
            socket.close();
            sent.close();
        }
    }
}
