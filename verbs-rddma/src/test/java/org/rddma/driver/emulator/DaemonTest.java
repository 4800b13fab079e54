package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.driver.DriverFile;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;

/** Several processes on one driver: what they share, how they meet, and what is left of one that is killed. */
@Timeout(60)
class DaemonTest {
    private static final int LONG = 32 << 20;

    @TempDir
    private Path folder;

    private DriverEmulator driver;
    private Path path;
    private ClientProcess first;
    private ClientProcess second;

    @BeforeEach
    void start() throws IOException {
        path = folder.resolve("driver");
        driver = DriverEmulator.start(EmulatorOptions.defaults());
        driver.listen(path);
        first = new ClientProcess(path);
        second = new ClientProcess(path);
        ok(first.say("open"), "done");
        ok(second.say("open"), "done");
        ok(first.ask("location_create://l?default_ops(private)"));
        ok(first.ask("xfer_create://x.l"));
    }

    @AfterEach
    void end() {
        first.close();
        second.close();
        assertThat(driver.counters().internalErrors()).isZero();
        driver.close();
    }

    private static void ok(String answer) {
        ok(answer, "result(0)");
    }

    private static void ok(String answer, String part) {
        assertThat(answer).contains(part);
    }

    /** Maps a buffer, in a process. */
    private static void map(ClientProcess client, String buffer) {
        String reply = client.ask("smb_mmap://" + buffer + ".l:1000");
        int at = reply.indexOf("mmap_offset(") + "mmap_offset(".length();
        ok(client.say("map " + reply.substring(at, reply.indexOf(')', at)) + " 1000"), "done");
    }

    /** Registers memory of a process as a buffer. */
    private static void register(ClientProcess client, String buffer, int length) {
        String address = client.say("allocate " + Integer.toHexString(length));
        ok(client.ask("smb_create://" + buffer + ".l?map_address(" + address + "),map_extent("
                + Integer.toHexString(length) + "),mytid(" + client.pid() + ")"));
    }

    /** A copy of so many bytes, whose halves have events of their own. */
    private void bind(String to, String toEvent, String from, String fromEvent, int length) {
        ok(second.ask("bind_create://x.l:" + Integer.toHexString(length) + "/" + to + ".l?event_name(" + toEvent + ")="
                + from + ".l?event_name(" + fromEvent + ")"));
    }

    private void copy(ClientProcess by, String event) {
        ok(by.ask("event_start://" + event + ".l"));
    }

    @Test
    void whatOneProcessWritesIntoAMappedBufferAnotherSees() {
        ok(first.ask("smb_create://b.l:1000"));
        map(first, "b");
        map(second, "b");

        ok(first.say("put 5 42"), "done");
        assertThat(second.say("get 5")).isEqualTo("42");
        ok(second.say("put 4095 7"), "done");
        assertThat(first.say("get 4095")).isEqualTo("7");
    }

    @Test
    void anEventOfOneProcessMeetsThatOfAnother() {
        ok(first.ask("smb_create://a.l:1000"));
        ok(first.ask("smb_create://b.l:1000"));
        map(first, "a");
        map(second, "b");
        bind("b", "to", "a", "from", 0x1000);
        ok(second.say("send event_start://to.l?request(2)"), "done");
        ok(first.say("put 9 3"), "done");
        assertThat(second.say("get 9")).isEqualTo("0");

        ok(first.ask("event_start://from.l?request(1)"), "result(0),reply(1)");

        ok(second.say("reply"), "result(0),reply(2)");
        assertThat(second.say("get 9")).isEqualTo("3");
    }

    @Test
    void aTransferGoesFromTheMemoryOfOneProcessIntoThatOfAnotherAndBack() {
        register(first, "a", 0x10_0000);
        register(second, "b", 0x10_0000);
        bind("b", "there", "a", "there", 0x10_0000);
        bind("a", "back", "b", "back", 0x10_0000);

        ok(first.say("put 1048575 11"), "done");
        copy(second, "there");
        assertThat(second.say("get 1048575")).isEqualTo("11");
        ok(second.say("put 0 12"), "done");
        copy(second, "back");
        assertThat(first.say("get 0")).isEqualTo("12");
    }

    @Test
    void theMemoryOfAnotherProcessCannotBeRegistered() {
        String address = first.say("allocate 1000");
        for (long pid : new long[] {second.pid(), ProcessHandle.current().pid(), 1}) {
            ok(
                    first.ask("smb_create://u.l?map_address(" + address + "),map_extent(1000),mytid(" + pid + ")"),
                    "result(-1)");
        }
        ok(first.ask("smb_find://u.l"), "result(1)");
    }

    @Test
    void memoryIsWithdrawnWithTheLastFileOfItsProcess() {
        register(first, "u", 0x1000);
        ok(first.ask("smb_create://b.l:1000"));
        bind("b", "e", "u", "e", 0x1000);
        ok(first.say("open"), "done");

        ok(first.say("close"), "done");
        Deadline.await("it is closed", () -> driver.counters().opens() == 2);
        copy(second, "e");

        ok(first.say("close"), "done");
        Deadline.await("it is closed", () -> driver.counters().opens() == 1);
        ok(second.ask("event_start://e.l"), "result(-5)");
        assertThat(first.isAlive()).isTrue();
    }

    @Test
    void aProcessThatIsKilledWhileItsTransferIsPendingHarmsNobody() throws InterruptedException {
        register(first, "u", 0x1000);
        ok(first.ask("smb_create://a.l:1000"));
        ok(first.ask("smb_create://b.l:1000"));
        map(first, "a");
        map(second, "b");
        ok(first.say("put 1 21"), "done");
        bind("b", "ofMemory", "u", "pendingMemory", 0x1000);
        bind("b", "ofBuffer", "a", "pendingBuffer", 0x1000);
        ok(first.say("send event_start://pendingMemory.l"), "done");
        ok(first.say("send event_start://pendingBuffer.l"), "done");
        Deadline.await("both are pending", () -> driver.counters().commands() == 11);

        first.kill();
        Deadline.await("its file is closed", () -> driver.counters().opens() == 1);

        ok(second.ask("event_start://ofMemory.l"), "result(-5)");
        assertThat(second.say("get 1")).isEqualTo("0");
        ok(second.ask("event_start://ofBuffer.l"), "result(0)");
        assertThat(second.say("get 1")).isEqualTo("21");
        assertThat(driver.counters().dropped()).isEqualTo(2);
    }

    @Test
    void aProcessThatIsKilledWhileItsMemoryIsCopiedHarmsNobody() throws InterruptedException {
        register(first, "u", LONG);
        ok(second.ask("smb_create://b.l:" + Integer.toHexString(LONG)));
        bind("u", "e", "b", "e", LONG);
        for (int i = 0; i < 16; i++) {
            ok(second.say("send event_start://e.l"), "done");
        }
        first.kill();
        for (int i = 0; i < 16; i++) {
            ok(second.say("reply"), "result(");
        }
        Deadline.await("its file is closed", () -> driver.counters().opens() == 1);
        ok(second.ask("event_start://e.l"), "result(-5)");
        ok(second.ask("smb_find://b.l"), "result(0)");
    }

    @Test
    void ofADriverThatIsKilledTheClientsLearnAndTheirMemoryStays() throws Throwable {
        Path other = folder.resolve("other");
        ByteBuffer memory = ByteBuffer.allocateDirect(DriverFile.LONGEST_REPLY);
        byte[] barrier = "location_create://l?default_ops(private)".getBytes(StandardCharsets.US_ASCII);
        try (ClientProcess daemon = ClientProcess.driver(other)) {
            ok(daemon.say("open"), "done"); // it listens
            try (DriverFile file = DriverEmulator.connect(other, false)) {
                assertThat(file.write(memory.put(0, barrier), 0, barrier.length))
                        .isEqualTo(barrier.length);
                assertThat(file.read(memory, 0, memory.capacity())).isPositive();
                Deadline.Running reading = Deadline.start(
                        "reads",
                        () -> assertThatThrownBy(() -> file.read(memory, 0, memory.capacity()))
                                .isInstanceOfSatisfying(
                                        VerbsException.class,
                                        e -> assertThat(e.errno()).isEqualTo(Errno.EIO)));
                Deadline.awaitBlocked(reading.thread());

                daemon.kill();

                reading.join();
                assertThatThrownBy(() -> file.write(memory, 0, barrier.length)).isInstanceOf(VerbsException.class);
            }
            assertThat(Files.exists(other)).isTrue();
            driver.listen(other);
            try (DriverFile file = DriverEmulator.connect(other, false)) {
                assertThat(file.write(memory.put(0, barrier), 0, barrier.length))
                        .isEqualTo(barrier.length);
            }
        }
    }
}
