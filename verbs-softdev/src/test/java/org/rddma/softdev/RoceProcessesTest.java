package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.conformance.Completions;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;

/** Two virtual machines exchange messages and use each other's memory; one of them is killed. */
@HangGuard(seconds = 60)
class RoceProcessesTest {
    private static final String HERE = "roce:127.0.5.21";
    private static final String THERE = "roce:127.0.5.22";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int SLOT = 100_000;

    private RoceStation station;
    private Process process;
    private BufferedReader answers;
    private PrintStream questions;

    @BeforeEach
    void connect() throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RocePeerProgram.class.getName(),
                        THERE)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        questions = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        station = new RoceStation(SoftDevice.open(HERE));
        station.connect(answers.readLine());
        questions.println(station.facts());
        assertThat(answers.readLine()).isEqualTo("ready");
    }

    @AfterEach
    void end() throws Exception {
        station.close();
        questions.close(); // the peer ends with its input
        boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        process.destroyForcibly().waitFor();
        answers.close();
        assertThat(ended).isTrue();
    }

    private byte[] fill(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        station.memory.buffer().put(0, bytes);
        return bytes;
    }

    private SendRequest request(long id, int length) {
        return new SendRequest()
                .wrId(id)
                .flags(SendFlags.SIGNALED)
                .sge(new ScatterGatherElement(station.memory, 0, length));
    }

    private WorkCompletion next() {
        return Completions.next(station.queue, PATIENCE);
    }

    private void post(QueuePairType type, SendRequest request) {
        assertThat(station.pair(type).postSend(request)).isNull();
    }

    private void done(SendRequest request, WorkCompletionOpcode opcode) {
        post(QueuePairType.RC, request);
        WorkCompletion completion = next();
        assertThat(completion.status()).isEqualTo(WorkCompletionStatus.SUCCESS);
        assertThat(completion.opcode()).isEqualTo(opcode);
    }

    /** Posts a message that the peer sends back, and waits for its own completion and for what comes back. */
    private WorkCompletion echo(QueuePairType type, SendRequest request) {
        station.receive(type, 1, SLOT);
        post(type, request);
        WorkCompletion received = null;
        for (int i = 0; i < 2; i++) {
            WorkCompletion completion = next();
            assertThat(completion.status()).isEqualTo(WorkCompletionStatus.SUCCESS);
            received = completion.opcode() == WorkCompletionOpcode.RECV ? completion : received;
        }
        assertThat(received).isNotNull();
        return received;
    }

    @Test
    void messagesOfAllSizesComeBackAsTheyWereSent() {
        for (int size : new int[] {0, 1, 1023, 1024, 1025, 4096, 5000, 60_000}) {
            byte[] sent = fill(size, size);
            WorkCompletion back = echo(QueuePairType.RC, request(7, size).send());
            assertThat(back.byteLength()).isEqualTo(size);
            assertThat(station.bytes(RoceStation.PART + SLOT, size)).isEqualTo(sent);
        }
        assertThat(echo(QueuePairType.RC, request(7, 8).sendWithImmediate(41)).immediate())
                .isEqualTo(42);
    }

    @Test
    void unreliableMessagesAndDatagramsComeBackToo() {
        byte[] sent = fill(1000, 5);
        assertThat(echo(QueuePairType.UC, request(7, 1000).send()).byteLength()).isEqualTo(1000);
        assertThat(station.bytes(RoceStation.PART + SLOT, 1000)).isEqualTo(sent);
        station.memory.buffer().put(RoceStation.PART + SLOT, new byte[SLOT]);
        SendRequest datagram = request(7, 1000)
                .sendWithImmediate(1)
                .datagram(station.wayToPeer(), station.peerNumber(QueuePairType.UD), RoceStation.QKEY);
        WorkCompletion back = echo(QueuePairType.UD, datagram);
        assertThat(back.byteLength()).isEqualTo(1000 + RoceStation.HEADER);
        assertThat(back.immediate()).isEqualTo(2);
        assertThat(back.sourceQueuePair()).isEqualTo(station.peerNumber(QueuePairType.UD));
        assertThat(station.bytes(RoceStation.PART + SLOT + RoceStation.HEADER, 1000))
                .isEqualTo(sent);
    }

    @Test
    void thePeersMemoryIsWrittenReadAndCounted() throws IOException {
        byte[] sent = fill(RoceStation.PART, 9);
        done(
                request(1, RoceStation.PART).write(station.peerAddress(), station.peerKey()),
                WorkCompletionOpcode.RDMA_WRITE);
        CRC32 sum = new CRC32();
        sum.update(sent);
        questions.println(RoceStation.PART);
        assertThat(answers.readLine()).isEqualTo(Long.toString(sum.getValue()));
        station.memory.buffer().put(0, new byte[RoceStation.PART]);
        done(
                request(2, RoceStation.PART).read(station.peerAddress(), station.peerKey()),
                WorkCompletionOpcode.RDMA_READ);
        assertThat(station.bytes(0, RoceStation.PART)).isEqualTo(sent);
        long before = station.memory.buffer().getLong(0);
        done(request(3, 8).fetchAndAdd(station.peerAddress(), station.peerKey(), 5), WorkCompletionOpcode.FETCH_ADD);
        assertThat(station.memory.buffer().getLong(0)).isEqualTo(before);
        done(
                request(4, 8).compareAndSwap(station.peerAddress(), station.peerKey(), before + 5, 77),
                WorkCompletionOpcode.COMP_SWAP);
        assertThat(station.memory.buffer().getLong(0)).isEqualTo(before + 5);
        done(request(5, 8).read(station.peerAddress(), station.peerKey()), WorkCompletionOpcode.RDMA_READ);
        assertThat(station.memory.buffer().getLong(0)).isEqualTo(77);
        SendRequest announced = request(6, 8).writeWithImmediate(station.peerAddress(), station.peerKey(), 11);
        assertThat(echo(QueuePairType.RC, announced).immediate()).isEqualTo(12);
    }

    @Test
    void aPeerThatIsKilledIsGivenUpAfterItsRetries() throws Exception {
        assertThat(echo(QueuePairType.RC, request(7, 8).send()).byteLength()).isEqualTo(8);
        process.destroyForcibly().waitFor(); // SIGKILL
        long start = System.nanoTime();
        post(QueuePairType.RC, request(1, 8).write(station.peerAddress(), station.peerKey()));
        post(QueuePairType.RC, request(2, 8).send());
        WorkCompletion first = next();
        assertThat(first.status()).isEqualTo(WorkCompletionStatus.RETRY_EXC_ERR);
        assertThat(first.wrId()).isEqualTo(1);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(19)); // 8 times 268 milliseconds
        assertThat(next().status()).isEqualTo(WorkCompletionStatus.WR_FLUSH_ERR);
        Deadline.await("the error", () -> station.pair(QueuePairType.RC).state() == QueuePairState.ERR);
        assertThat(station.pair(QueuePairType.UD).state()).isEqualTo(QueuePairState.RTS);
    }
}
