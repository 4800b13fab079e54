package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.driver.DriverFile;
import org.rddma.verbs.Errno;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.internal.os.EventFd;
import org.rddma.verbs.internal.os.PollSet;
import org.rddma.verbs.internal.os.UnixSocket;

/** Clients that do on their socket what no well-behaved one does: the driver answers the others all the same. */
@Timeout(60)
class HostileClientTest {
    private static final int ROOM = 1 << 16;
    private static final int PATIENCE_MILLIS = 10_000;
    private static final String UNKNOWN = "bogus://x?request(5)";

    @TempDir
    private Path folder;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(ROOM);
    private DriverEmulator driver;
    private Path path;

    @BeforeEach
    void start() {
        path = folder.resolve("driver");
        driver = DriverEmulator.start(
                EmulatorOptions.defaults().withLimits(EmulatorLimits.defaults().withOpens(4, 16, 8)));
        driver.listen(path);
    }

    @AfterEach
    void end() {
        assertThat(driver.counters().internalErrors()).isZero();
        driver.close();
    }

    private UnixSocket connect() {
        return UnixSocket.connect(path, "open");
    }

    private int send(UnixSocket socket, byte[] bytes, int descriptor) {
        return socket.send(memory.put(0, bytes), 0, bytes.length, descriptor);
    }

    private int send(UnixSocket socket, String text) {
        return send(socket, text.getBytes(StandardCharsets.ISO_8859_1), UnixSocket.NONE);
    }

    /** The next message; null at the end. */
    private String receive(UnixSocket socket) {
        PollSet set = new PollSet(1);
        set.set(0, socket.fd());
        assertThat(set.poll(PATIENCE_MILLIS)).as("an answer in time").isEqualTo(1);
        int length = socket.receive(memory, 0, ROOM);
        if (length <= 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        memory.get(0, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private String ask(UnixSocket socket, String text) {
        assertThat(send(socket, text)).isEqualTo(text.length());
        return receive(socket);
    }

    private void othersAreAnswered() {
        UnixSocket other = connect();
        try {
            assertThat(ask(other, UNKNOWN)).isEqualTo("bogus://x?request(5),result(10101),reply(5)\n");
        } finally {
            other.close();
        }
    }

    @Test
    void aMessageOfNoBytesIsAnEmptyCommand() {
        UnixSocket socket = connect();
        try {
            assertThat(send(socket, "")).isZero();
            assertThat(receive(socket)).isEqualTo("?result(10101),reply(0)\n");
            assertThat(ask(socket, UNKNOWN)).contains("result(10101),reply(5)");
        } finally {
            socket.close();
        }
    }

    @Test
    void aWriteOfNoBytesIsAnEmptyCommand() {
        try (DriverFile file = driver.open(false)) {
            assertThat(file.write(memory, 0, 0)).isZero();
            assertThat(file.read(memory, 0, DriverFile.LONGEST_REPLY)).isEqualTo("?result(10101),reply(0)\n".length());
        }
    }

    @Test
    void anAnnouncementThatCannotBeMadeHoldsNobodyUp() {
        EventFd full = EventFd.blocking("test");
        UnixSocket socket = connect();
        try {
            full.add(-2); // 2^64-2, the largest count: one more would wait
            assertThat(send(socket, UNKNOWN.getBytes(StandardCharsets.US_ASCII), full.fd()))
                    .isEqualTo(UNKNOWN.length());
            assertThat(receive(socket)).contains("reply(5)");
            othersAreAnswered();
        } finally {
            boolean unused = full.take(); // lets a driver go that waits
            socket.close();
            full.close();
        }
    }

    @Test
    void aDescriptorThatNobodyAskedForIsGivenBack() {
        EventFd surplus = EventFd.counter("test");
        UnixSocket socket = connect();
        try {
            long before = Descriptors.count("eventfd");
            byte[] mapping = "\0map 1 2".getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < 20; i++) {
                assertThat(send(socket, mapping, surplus.fd())).isEqualTo(mapping.length);
                assertThat(receive(socket)).contains("-22");
            }
            Deadline.await("no descriptor is kept", () -> Descriptors.count("eventfd") == before);
            for (int i = 0; i < 20; i++) {
                UnixSocket leaving = connect();
                assertThat(send(leaving, new byte[0], surplus.fd())).isZero();
                leaving.close();
                Deadline.await("it is gone", () -> driver.counters().opens() == 1);
            }
            Deadline.await("none is kept", () -> Descriptors.count("eventfd") == before);
        } finally {
            socket.close();
            surplus.close();
        }
    }

    @Test
    void commandsThatWaitKeepNoMoreDescriptorsThanLeaveRoomForOthers() {
        int most = OpenFiles.limit() / 4;
        assumeThat(most).isLessThan(1 << 16);
        EventFd eventFd = EventFd.counter("test");
        try (DriverEmulator large = DriverEmulator.start(EmulatorOptions.defaults())) {
            Path other = folder.resolve("large");
            large.listen(other);
            UnixSocket socket = UnixSocket.connect(other, "open");
            try {
                assertThat(ask(socket, "location_create://l?default_ops(private)"))
                        .contains("result(0)");
                assertThat(ask(socket, "sync_create://s.l#ffffff")).contains("result(0)");
                byte[] wait = "sync_wait://s.l".getBytes(StandardCharsets.US_ASCII);
                for (int i = 0; i <= most; i++) {
                    while (send(socket, wait, eventFd.fd()) == -Errno.EAGAIN) {
                        Thread.yield();
                    }
                }
                assertThat(receive(socket)).contains("result(-11)");
            } finally {
                socket.close();
            }
        } finally {
            eventFd.close();
        }
    }

    @Test
    void ofALineThatIsTooLongTheResultIsTold() {
        UnixSocket socket = connect();
        try {
            assertThat(ask(socket, "smb_find://" + "a".repeat(20_000)))
                    .hasSize(DriverFile.LONGEST_REPLY)
                    .startsWith("smb_find://aaa")
                    .endsWith("aaa?result(-22),reply(<NULL>)\n");
            assertThat(ask(socket, "bogus://" + "a".repeat(15_000) + "?request(7)"))
                    .hasSize(DriverFile.LONGEST_REPLY)
                    .startsWith("bogus://aaa")
                    .endsWith(",result(10101),reply(7)\n");
        } finally {
            socket.close();
        }
    }

    @Test
    void garbageIsAnsweredLineByLine() {
        Random random = new Random(1);
        UnixSocket socket = connect();
        try {
            for (int i = 0; i < 2_000; i++) {
                byte[] bytes = new byte[10 + random.nextInt(400)];
                random.nextBytes(bytes);
                assertThat(send(socket, bytes, UnixSocket.NONE)).isEqualTo(bytes.length);
                assertThat(receive(socket)).contains("result(");
            }
            othersAreAnswered();
        } finally {
            socket.close();
        }
    }

    @Test
    void whoNeverReadsIsHeldUpAndGetsEveryReplyInTheEnd() {
        UnixSocket socket = connect();
        try {
            int sent = 0;
            int refused = 0;
            while (refused < 20) { // the driver takes none, though it goes round: the socket stays full
                if (send(socket, UNKNOWN) == -Errno.EAGAIN) {
                    refused++;
                    othersAreAnswered();
                } else {
                    refused = 0;
                    sent++;
                }
            }
            othersAreAnswered();
            assertThat(driver.counters().commands()).isLessThan(sent);
            for (int i = 0; i < sent; i++) {
                assertThat(receive(socket)).contains("reply(5)");
            }
        } finally {
            socket.close();
        }
        Deadline.await("the open is gone", () -> driver.counters().opens() == 0);
    }

    @Test
    void whoNeverReadsAndGoesAwayLeavesNothingBehind() {
        UnixSocket socket = connect();
        for (int i = 0; i < 5_000; i++) {
            int unused = send(socket, UNKNOWN);
        }
        socket.close();

        Deadline.await("the open is gone", () -> driver.counters().opens() == 0);
        othersAreAnswered();
    }

    @Test
    void oneOpenTooManyIsToldSoAndClosed() {
        UnixSocket[] sockets = new UnixSocket[5];
        try {
            for (int i = 0; i < 4; i++) {
                sockets[i] = connect();
                assertThat(ask(sockets[i], UNKNOWN)).contains("reply(5)");
            }
            sockets[4] = connect();
            assertThat(receive(sockets[4])).isEqualTo("open://?result(-24),reply(<NULL>)\n");
            assertThat(receive(sockets[4])).isNull();
            assertThat(driver.counters().refusedOpens()).isEqualTo(1);
        } finally {
            for (UnixSocket socket : sockets) {
                if (socket != null) {
                    socket.close();
                }
            }
        }
        Deadline.await("the opens are gone", () -> driver.counters().opens() == 0);
        othersAreAnswered();
    }

    @Test
    void oneCommandTooManyIsAnsweredWithTryAgain() {
        UnixSocket socket = connect();
        try {
            assertThat(ask(socket, "location_create://l?default_ops(private)")).contains("result(0)");
            assertThat(ask(socket, "sync_create://s.l#20")).contains("result(0)");
            for (int i = 0; i < 16; i++) {
                assertThat(send(socket, "sync_wait://s.l")).isPositive();
            }
            assertThat(ask(socket, "smb_find://x.l?request(9)")).isEqualTo("smb_find://x.l?result(-11),reply(9)\n");
            assertThat(driver.counters().refusedCommands()).isEqualTo(1);
        } finally {
            socket.close();
        }
        othersAreAnswered();
    }
}
