package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.softdev.link.roce.CaptureReader;
import org.rddma.softdev.link.roce.CaptureReader.Frame;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.FlushLevel;
import org.rddma.verbs.FlushPlacement;
import org.rddma.verbs.Gid;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.conformance.Completions;
import org.rddma.verbs.conformance.Wiring;

/** The loopback link as it would be on a wire. */
class CapturedLoopbackTest {
    private static final int PSN = 0x123456;
    private static final int HALF = 1 << 16;
    private static final int QKEY = 0x1234;
    private static final int RIGHTS = AccessFlags.LOCAL_WRITE
            | AccessFlags.REMOTE_WRITE
            | AccessFlags.REMOTE_READ
            | AccessFlags.REMOTE_ATOMIC
            | AccessFlags.FLUSH_GLOBAL;

    @TempDir
    Path folder;

    private Path file;
    private Context context;
    private ProtectionDomain domain;
    private CompletionQueue queue;
    private MemoryRegion memory;
    private QueuePair a;
    private QueuePair b;
    private Gid gid;

    @BeforeEach
    void open() {
        file = folder.resolve("loopback.pcapng");
        SoftDeviceOptions options = SoftDeviceOptions.DEFAULT.withCapture(file);
        context = new SoftFabric().addDevice("captured0", options).open();
        domain = context.allocateProtectionDomain();
        queue = context.createCompletionQueue(64);
        memory = domain.allocateMemory(2 * HALF, RIGHTS);
        gid = context.queryGid(1, 0);
    }

    @AfterEach
    void close() {
        context.close();
    }

    private QueuePair pair(QueuePairType type) {
        return domain.createQueuePair(new QueuePairInitAttributes()
                .type(type)
                .completionQueue(queue)
                .maxSendRequests(8)
                .maxReceiveRequests(8));
    }

    private void connect(QueuePairType type) {
        a = pair(type);
        b = pair(type);
        new Wiring().mtu(Mtu.MTU_1024).access(RIGHTS & ~AccessFlags.LOCAL_WRITE).connect(a, b);
    }

    private ScatterGatherElement piece(int offset, int length) {
        return new ScatterGatherElement(memory, offset, length);
    }

    private SendRequest request(int length) {
        return new SendRequest().wrId(1).sge(piece(0, length)).flags(SendFlags.SIGNALED | SendFlags.SOLICITED);
    }

    private long there() {
        return memory.address() + HALF;
    }

    private byte[] fill(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        memory.buffer().put(0, bytes);
        return bytes;
    }

    /** Posts, waits for its end, closes the device and reads what was captured. */
    private List<Frame> run(SendRequest request, WorkCompletionStatus status) throws IOException {
        assertThat(a.postSend(request)).isNull();
        if (status == WorkCompletionStatus.SUCCESS) {
            assertThat(Completions.next(queue).isSuccess()).isTrue();
        } else {
            Completions.failure(queue, 1, status);
        }
        return captured();
    }

    private List<Frame> captured() throws IOException {
        context.close();
        CaptureReader read = CaptureReader.read(file);
        assertThat(read.interfaces()).containsExactly("captured0");
        assertThat(read.statistics()).hasSize(1);
        assertThat(read.statistics().get(0)).containsExactly(read.frames().size(), 0);
        for (Frame frame : read.packets()) {
            assertThat(frame.packet().sourceGidLow()).isEqualTo(gid.low());
            assertThat(frame.packet().sourceGidHigh()).isEqualTo(gid.high());
            assertThat(frame.packet().destinationGidLow()).isEqualTo(gid.low());
            assertThat(frame.packet().hopLimit()).isEqualTo(64);
        }
        return read.packets();
    }

    private static List<Integer> opcodes(List<Frame> frames) {
        return frames.stream().map(frame -> frame.packet().opcode()).toList();
    }

    private static List<Integer> psns(List<Frame> frames) {
        return frames.stream().map(frame -> frame.packet().psn() - PSN).toList();
    }

    private static int word(Frame frame, int offset) {
        return frame.packet().memory().getInt(frame.packet().extension() + offset);
    }

    private static long address(Frame frame, int offset) {
        return frame.packet().memory().getLong(frame.packet().extension() + offset);
    }

    private static byte[] payloads(List<Frame> frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        frames.forEach(frame -> all.writeBytes(frame.payload()));
        return all.toByteArray();
    }

    /** The one answer, to where it belongs. */
    private void assertAnswered(List<Frame> frames, int opcode, int psn, int syndrome) {
        Frame answer = frames.get(frames.size() - 1);
        assertThat(answer.outbound()).isFalse();
        assertThat(answer.packet().opcode()).isEqualTo(opcode);
        assertThat(answer.packet().destinationQueuePair()).isEqualTo(a.number());
        assertThat(answer.packet().psn() - PSN).isEqualTo(psn);
        assertThat(word(answer, 0) >>> 24).isEqualTo(syndrome);
    }

    @ParameterizedTest
    @CsvSource({"0, 04", "1, 04", "1024, 04", "1025, 00 02", "3072, 00 01 02", "3073, 00 01 01 02"})
    void aSendIsCutAtTheMtuAndAcknowledgedOnce(int length, String operations) throws IOException {
        connect(QueuePairType.RC);
        byte[] sent = fill(length);
        assertThat(b.postReceive(new ReceiveRequest(2, piece(HALF, HALF)))).isNull();
        List<Frame> frames = run(request(length), WorkCompletionStatus.SUCCESS);
        List<Integer> expected = Arrays.stream(operations.split(" "))
                .map(text -> Integer.parseInt(text, 16))
                .toList();
        List<Frame> requests = frames.subList(0, frames.size() - 1);
        assertThat(opcodes(requests)).isEqualTo(expected);
        assertThat(payloads(requests)).isEqualTo(sent);
        for (int i = 0; i < requests.size(); i++) {
            boolean isLast = i == requests.size() - 1;
            assertThat(psns(requests).get(i)).isEqualTo(i);
            assertThat(requests.get(i).outbound()).isTrue();
            assertThat(requests.get(i).packet().destinationQueuePair()).isEqualTo(b.number());
            assertThat(requests.get(i).packet().asksForAck()).isEqualTo(isLast);
            assertThat(requests.get(i).packet().isSolicited()).isEqualTo(isLast);
        }
        assertAnswered(frames, 0x11, requests.size() - 1, 0x1F);
        assertThat(word(frames.get(frames.size() - 1), 0) & 0xFFFFFF)
                .as("messages")
                .isEqualTo(1);
    }

    @Test
    void immediateDataIsInTheLastPacket() throws IOException {
        connect(QueuePairType.RC);
        fill(1500);
        assertThat(b.postReceive(new ReceiveRequest(2, piece(HALF, HALF)))).isNull();
        List<Frame> frames = run(request(1500).sendWithImmediate(0x01020304), WorkCompletionStatus.SUCCESS);
        assertThat(opcodes(frames)).containsExactly(0x00, 0x03, 0x11);
        assertThat(word(frames.get(1), 0)).isEqualTo(0x01020304);
    }

    @Test
    void aWriteSaysOnceWhereItGoes() throws IOException {
        connect(QueuePairType.RC);
        byte[] sent = fill(2500);
        assertThat(b.postReceive(new ReceiveRequest(2, piece(HALF, 0)))).isNull();
        SendRequest write = request(2500).writeWithImmediate(there(), memory.rkey(), 7);
        List<Frame> frames = run(write, WorkCompletionStatus.SUCCESS);
        assertThat(opcodes(frames)).containsExactly(0x06, 0x07, 0x09, 0x11);
        assertThat(address(frames.get(0), 0)).isEqualTo(there());
        assertThat(word(frames.get(0), 8)).isEqualTo(memory.rkey());
        assertThat(word(frames.get(0), 12)).isEqualTo(2500);
        assertThat(word(frames.get(2), 0)).isEqualTo(7);
        assertThat(payloads(frames)).isEqualTo(sent);
    }

    @Test
    void aReadIsOnePacketAndItsResponsesHaveItsNumbers() throws IOException {
        connect(QueuePairType.RC);
        byte[] stored = new byte[2049];
        new Random(3).nextBytes(stored);
        memory.buffer().put(HALF, stored);
        List<Frame> frames = run(request(2049).read(there(), memory.rkey()), WorkCompletionStatus.SUCCESS);
        assertThat(opcodes(frames)).containsExactly(0x0C, 0x0D, 0x0E, 0x0F);
        assertThat(psns(frames)).containsExactly(0, 0, 1, 2);
        assertThat(word(frames.get(0), 12)).isEqualTo(2049);
        assertThat(payloads(frames.subList(1, 4))).isEqualTo(stored);
        assertThat(frames).extracting(Frame::outbound).containsExactly(true, false, false, false);
    }

    @Test
    void atomicsCarryTheirOperandsAndAnswersTheOldValue() throws IOException {
        connect(QueuePairType.RC);
        memory.buffer().order(ByteOrder.nativeOrder()).putLong(HALF, 42);
        SendRequest swap = request(8).compareAndSwap(there(), memory.rkey(), 42, 77);
        assertThat(a.postSend(swap)).isNull();
        assertThat(Completions.next(queue).isSuccess()).isTrue();
        List<Frame> frames = run(request(8).fetchAndAdd(there(), memory.rkey(), 5), WorkCompletionStatus.SUCCESS);
        assertThat(opcodes(frames)).containsExactly(0x13, 0x12, 0x14, 0x12);
        assertThat(psns(frames)).containsExactly(0, 0, 1, 1);
        assertThat(address(frames.get(0), 0)).isEqualTo(there());
        assertThat(word(frames.get(0), 8)).isEqualTo(memory.rkey());
        assertThat(address(frames.get(0), 12)).as("swap").isEqualTo(77);
        assertThat(address(frames.get(0), 20)).as("compare").isEqualTo(42);
        assertThat(address(frames.get(1), 4)).isEqualTo(42);
        assertThat(address(frames.get(2), 12)).as("add").isEqualTo(5);
        assertThat(address(frames.get(3), 4)).isEqualTo(77);
    }

    @Test
    void flushesAndAtomicWritesAreAnsweredByAnEmptyReadResponse() throws IOException {
        connect(QueuePairType.RC);
        byte[] sent = fill(8);
        assertThat(a.postSend(request(8).atomicWrite(there(), memory.rkey()))).isNull();
        assertThat(Completions.next(queue).isSuccess()).isTrue();
        SendRequest flush = new SendRequest()
                .wrId(1)
                .flags(SendFlags.SIGNALED)
                .flush(there(), memory.rkey(), 64, FlushPlacement.GLOBAL, FlushLevel.RANGE);
        List<Frame> frames = run(flush, WorkCompletionStatus.SUCCESS);
        assertThat(opcodes(frames)).containsExactly(0x1D, 0x10, 0x1C, 0x10);
        assertThat(frames.get(0).payload()).isEqualTo(sent);
        assertThat(frames.get(1).payload()).isEmpty();
        assertThat(word(frames.get(2), 0)).isEqualTo(FlushLevel.RANGE.value() << 4 | FlushPlacement.GLOBAL);
        assertThat(address(frames.get(2), 4)).isEqualTo(there());
        assertThat(word(frames.get(2), 16)).isEqualTo(64);
    }

    @Test
    void unreliableMessagesAreNotAnswered() throws IOException {
        connect(QueuePairType.UC);
        byte[] sent = fill(1030);
        List<Frame> frames = run(request(1030).write(there(), memory.rkey()), WorkCompletionStatus.SUCCESS);
        assertThat(opcodes(frames)).containsExactly(0x26, 0x28);
        assertThat(payloads(frames)).isEqualTo(sent);
        assertThat(frames).noneMatch(frame -> frame.packet().asksForAck());
    }

    @Test
    void datagramsCarryTheirKeyAndTheirSender() throws IOException {
        a = pair(QueuePairType.UD);
        b = pair(QueuePairType.UD);
        for (QueuePair pair : List.of(a, b)) {
            pair.modify(new QueuePairAttributes()
                    .state(QueuePairState.INIT)
                    .pkeyIndex(0)
                    .port(1)
                    .qkey(QKEY));
            pair.modify(new QueuePairAttributes().state(QueuePairState.RTR));
            pair.modify(new QueuePairAttributes().state(QueuePairState.RTS).sqPsn(0));
        }
        AddressVector way = new AddressVector(gid, 0, 64, 0x28, 0x12345, 0, 1);
        byte[] sent = fill(77);
        SendRequest request = request(77).sendWithImmediate(9);
        List<Frame> frames =
                run(request.datagram(domain.createAddressHandle(way), b.number(), QKEY), WorkCompletionStatus.SUCCESS);
        assertThat(opcodes(frames)).containsExactly(0x65);
        assertThat(word(frames.get(0), 0)).isEqualTo(QKEY);
        assertThat(word(frames.get(0), 4)).isEqualTo(a.number());
        assertThat(word(frames.get(0), 8)).isEqualTo(9);
        assertThat(frames.get(0).payload()).isEqualTo(sent);
        assertThat(frames.get(0).packet().trafficClass()).isEqualTo(0x28);
        assertThat(frames.get(0).internet().getShort(40) & 0xFFFF)
                .as("source port by flow label")
                .isEqualTo(0xE341);
    }

    @Test
    void refusalsAreAnsweredAsTheyWouldBe() throws IOException {
        connect(QueuePairType.RC);
        fill(100);
        List<Frame> frames = run(request(100).write(there(), memory.rkey() + 1), WorkCompletionStatus.REM_ACCESS_ERR);
        assertAnswered(frames, 0x11, 0, 0x62);
        assertThat(frames).hasSize(2);
    }

    @Test
    void aReceiverThatIsNotReadySaysHowLongToWaitAndTheRequestIsThereAgain() throws IOException {
        a = pair(QueuePairType.RC);
        b = pair(QueuePairType.RC);
        new Wiring().rnrRetries(2).minRnrTimer(1).connect(a, b);
        fill(100);
        List<Frame> frames = run(request(100), WorkCompletionStatus.RNR_RETRY_EXC_ERR);
        assertThat(opcodes(frames)).containsExactly(0x04, 0x11, 0x04, 0x11, 0x04, 0x11);
        assertThat(psns(frames)).containsOnly(0);
        assertAnswered(frames, 0x11, 0, 0x21);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsTakenAwayIsNoTroubleForTheCapture(boolean receiverIsGone) throws IOException {
        connect(QueuePairType.RC);
        fill(100);
        if (receiverIsGone) {
            b.close();
            List<Frame> frames = run(request(100), WorkCompletionStatus.RETRY_EXC_ERR);
            assertThat(opcodes(frames)).containsExactly(0x04, 0x04, 0x04);
        } else {
            SendRequest request = request(100);
            memory.close();
            assertThat(run(request, WorkCompletionStatus.LOC_PROT_ERR)).isEmpty();
        }
    }

    @Test
    void aDeviceWhoseCaptureCannotBeWrittenDoesNotOpenAndOpensWhenItCan() throws IOException {
        Path inTheWay = folder.resolve("later.pcapng");
        Files.createDirectory(inTheWay);
        SoftDevice device = new SoftFabric().addDevice("captured1", SoftDeviceOptions.DEFAULT.withCapture(inTheWay));
        assertThatThrownBy(device::open).isInstanceOf(VerbsException.class).hasMessageContaining("later.pcapng");
        Files.delete(inTheWay);
        device.open().close();
        assertThat(CaptureReader.read(inTheWay).interfaces()).containsExactly("captured1");
    }

    @Test
    void wiresharkSeesTheSamePackets() throws IOException, InterruptedException {
        assumeTrue(Wireshark.isHere());
        connect(QueuePairType.RC);
        fill(2500);
        List<Frame> frames = run(request(2500).write(there(), memory.rkey()), WorkCompletionStatus.SUCCESS);
        assertThat(Wireshark.complaints(file)).isEmpty();
        assertThat(Wireshark.field(file, "infiniband.bth.opcode"))
                .isEqualTo(opcodes(frames).stream().map(String::valueOf).toList());
        assertThat(Wireshark.field(file, "infiniband.bth.psn"))
                .containsExactly("" + PSN, "" + (PSN + 1), "" + (PSN + 2), "" + (PSN + 2));
        assertThat(Wireshark.field(file, "infiniband.reth.dmalen")).contains("2500");
    }

    @Test
    void wiresharkHasNothingToSayAboutAnyOperation() throws IOException, InterruptedException {
        assumeTrue(Wireshark.isHere());
        connect(QueuePairType.RC);
        int key = memory.rkey();
        for (int length : new int[] {0, 1, 8, 1024, 1025, 3000}) {
            for (SendRequest request : List.of(
                    request(length).sendWithImmediate(1),
                    request(length).send(),
                    request(length).writeWithImmediate(there(), key, 1),
                    request(length).write(there(), key),
                    request(length).read(there(), key),
                    request(8).compareAndSwap(there(), key, 1, 1),
                    request(8).fetchAndAdd(there(), key, 1),
                    request(8).atomicWrite(there(), key),
                    new SendRequest().flush(there(), key, 64, FlushPlacement.GLOBAL, FlushLevel.RANGE))) {
                var unused = b.postReceive(new ReceiveRequest(2, piece(HALF, HALF))); // or the last one is still there
                assertThat(a.postSend(request.wrId(1).flags(SendFlags.SIGNALED)))
                        .isNull();
                awaitSend();
            }
        }
        assertThat(captured().size()).isGreaterThan(100);
        assertThat(Wireshark.complaints(file)).isEmpty();
    }

    private void awaitSend() {
        WorkCompletion completion = Completions.next(queue);
        while (completion.wrId() != 1) {
            completion = Completions.next(queue);
        }
        assertThat(completion.isSuccess()).isTrue();
    }

    @Test
    void contextsOfADeviceShareItsCaptureUntilTheLastOneCloses() throws IOException {
        connect(QueuePairType.RC);
        SoftDevice device = (SoftDevice) context.device();
        List<Context> more = new ArrayList<>(List.of(device.open(), device.open()));
        more.forEach(Context::close);
        fill(10);
        assertThat(run(request(10).write(there(), memory.rkey()), WorkCompletionStatus.SUCCESS))
                .hasSize(2);
    }
}
