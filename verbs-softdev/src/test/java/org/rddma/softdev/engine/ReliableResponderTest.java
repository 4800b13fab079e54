package org.rddma.softdev.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.softdev.engine.RequestBench.*;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Gid;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.MemoryWindowType;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;

/** Sends and writes of a reliable connection: their order, their answers, and what is refused. */
final class ReliableResponderTest {
    private static final byte[] NOTHING = {};

    private final RequestBench bench = new RequestBench();
    private final WireEnd end = bench.end;

    @AfterEach
    void close() {
        bench.close();
    }

    private WorkCompletion received() {
        WorkCompletion completion = new WorkCompletion();
        assertThat(end.receives.poll(completion)).as("a receive has completed").isTrue();
        return completion;
    }

    private void hasFailed(String... received) {
        assertThat(end.engine.state()).isEqualTo(QueuePairState.ERR);
        assertThat(end.received()).containsExactly(received);
    }

    private WirePacket write(int opcode, int number, long length, byte[] payload) {
        return bench.remote(opcode, number, end.address(0), end.key(), length, payload);
    }

    // ---- sends

    @Test
    void aSendOfSeveralPacketsArrivesWholeAndIsAnsweredOnce() {
        end.receive(1, 100, 1000);
        byte[] data = random(600, 1);
        byte[][] parts = {slice(data, 0, 256), slice(data, 256, 512), slice(data, 512, 600)};
        assertThat(bench.round(bench.send(Opcodes.SEND_FIRST, 0, parts[0]))).isEmpty();
        assertThat(bench.round(bench.send(Opcodes.SEND_MIDDLE, 1, parts[1]))).isEmpty();
        assertThat(end.receives.poll(new WorkCompletion())).isFalse();
        assertThat(bench.round(ack(bench.send(Opcodes.SEND_LAST, 2, parts[2])))).containsExactly("ACK +2 #1");
        WorkCompletion completion = received();
        assertThat(completion.isSuccess()).isTrue();
        assertThat(completion.opcode()).isEqualTo(WorkCompletionOpcode.RECV);
        assertThat(completion.byteLength()).isEqualTo(600);
        assertThat(end.bytes(100, 600)).isEqualTo(data);
        assertThat(bench.count(PacketCounter.RECEIVES)).isEqualTo(1);
    }

    private static byte[] slice(byte[] all, int from, int to) {
        return java.util.Arrays.copyOfRange(all, from, to);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, 256})
    void aSendOfOnePacketMayHaveAnyLengthUpToTheMtu(int length) {
        byte[] data = random(length, 2);
        end.receive(1, 0, 256);
        assertThat(bench.round(ack(bench.send(Opcodes.SEND_ONLY, 0, data)))).containsExactly("ACK +0 #1");
        assertThat(received().byteLength()).isEqualTo(length);
        assertThat(end.bytes(0, length)).isEqualTo(data);
    }

    @Test
    void theCompletionIsThereBeforeTheAnswer() {
        end.receive(1, 0, 8);
        bench.begin(false, ack(bench.send(Opcodes.SEND_ONLY, 0, new byte[8])));
        assertThat(received().isSuccess()).isTrue();
        assertThat(bench.answers()).isEmpty();
        assertThat(bench.round(ack(bench.send(Opcodes.SEND_ONLY, 1, NOTHING)))).hasSize(1);
    }

    @Test
    void immediateDataAndTheInvalidatedKeyArriveWithTheCompletion() {
        end.receive(1, 0, 8);
        end.receive(2, 0, 600);
        bench.round(bench.send(Opcodes.SEND_ONLY_IMMEDIATE, 0, 0xCAFE_BABE, new byte[3]));
        bench.round(
                bench.send(Opcodes.SEND_FIRST, 1, new byte[MTU]),
                bench.send(Opcodes.SEND_LAST_IMMEDIATE, 2, 7, new byte[3]));
        WorkCompletion first = received();
        assertThat(first.hasImmediate()).isTrue();
        assertThat(first.immediate()).isEqualTo(0xCAFE_BABE);
        assertThat(first.byteLength()).isEqualTo(3);
        WorkCompletion second = received();
        assertThat(second.immediate()).isEqualTo(7);
        assertThat(second.byteLength()).isEqualTo(259);
    }

    @Test
    void aSendThatInvalidatesAWindowSaysWhichAndTheWindowIsGone() {
        end.toSend();
        try (MemoryWindow window = end.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2)) {
            int key = window.rkey() ^ 1;
            MemoryWindowBind bind =
                    new MemoryWindowBind().show(end.memory, end.address(0), 64, AccessFlags.REMOTE_WRITE);
            end.post(new SendRequest().bindMemoryWindow(window, key, bind));
            assertThat(bench.round(ack(bench.remote(Opcodes.WRITE_ONLY, 0, end.address(0), key, 8, new byte[8]))))
                    .containsExactly("ACK +0 #1");
            end.receive(1, 0, 8);
            bench.round(bench.send(Opcodes.SEND_ONLY_INVALIDATE, 1, key, new byte[3]));
            WorkCompletion completion = received();
            assertThat(completion.hasInvalidated()).isTrue();
            assertThat(completion.invalidatedRkey()).isEqualTo(key);
            assertThat(bench.round(bench.remote(Opcodes.WRITE_ONLY, 2, end.address(0), key, 8, new byte[8])))
                    .containsExactly("NAK 62 +2 #2");
        }
    }

    @Test
    void aSendThatInvalidatesNothingFailsHereAndSucceedsThere() {
        end.receive(1, 0, 8);
        WirePacket packet = bench.send(Opcodes.SEND_ONLY_INVALIDATE, 0, end.key(), new byte[3]);
        assertThat(bench.round(ack(packet))).containsExactly("ACK +0 #1");
        hasFailed("1 REM_INV_REQ_ERR");
    }

    @Test
    void onlyTheLastPacketOfARoundIsAnswered() {
        for (int i = 0; i < 3; i++) {
            end.receive(i, 0, 8);
        }
        assertThat(bench.round(
                        ack(bench.send(Opcodes.SEND_ONLY, 0, NOTHING)),
                        ack(bench.send(Opcodes.SEND_ONLY, 1, NOTHING)),
                        bench.send(Opcodes.SEND_ONLY, 2, NOTHING)))
                .containsExactly("ACK +2 #3");
        assertThat(bench.count(PacketCounter.ACK_DEFERRED)).isEqualTo(2);
    }

    // ---- writes

    @Test
    void aWriteOfSeveralPacketsArrivesAndOnlyItsImmediateTakesAReceive() {
        byte[] data = random(700, 3);
        assertThat(bench.round(
                        write(Opcodes.WRITE_FIRST, 0, 700, slice(data, 0, 256)),
                        bench.send(Opcodes.WRITE_MIDDLE, 1, slice(data, 256, 512)),
                        ack(bench.send(Opcodes.WRITE_LAST, 2, slice(data, 512, 700)))))
                .containsExactly("ACK +2 #1");
        assertThat(end.bytes(0, 700)).isEqualTo(data);
        end.receive(1, 0, 0);
        assertThat(bench.round(ack(bench.writeOnlyImmediate(3, end.address(1000), end.key(), 99, slice(data, 0, 100)))))
                .containsExactly("ACK +3 #2");
        WorkCompletion completion = received();
        assertThat(completion.opcode()).isEqualTo(WorkCompletionOpcode.RECV_RDMA_WITH_IMM);
        assertThat(completion.immediate()).isEqualTo(99);
        assertThat(completion.byteLength()).isEqualTo(100);
        assertThat(end.bytes(1000, 100)).isEqualTo(slice(data, 0, 100));
    }

    @Test
    void aWriteOfNothingLooksAtNoKey() {
        assertThat(bench.round(ack(bench.remote(Opcodes.WRITE_ONLY, 0, 1, 2, 0, NOTHING))))
                .containsExactly("ACK +0 #1");
    }

    @Test
    void aWriteWithoutAReceiveForItsImmediateGoesOnFromThere() {
        byte[] data = random(300, 4);
        WirePacket last = ack(bench.send(Opcodes.WRITE_LAST_IMMEDIATE, 1, 5, slice(data, 256, 300)));
        assertThat(bench.round(write(Opcodes.WRITE_FIRST, 0, 300, slice(data, 0, 256)), last))
                .containsExactly("RNR 12 +1 #0");
        end.receive(1, 0, 0);
        assertThat(bench.round(last)).containsExactly("ACK +1 #1");
        assertThat(received().byteLength()).isEqualTo(300);
        assertThat(end.bytes(0, 300)).isEqualTo(data);
    }

    // ---- numbers

    @Test
    void aGapIsRefusedOnceUntilTheMissingPacketComes() {
        for (int i = 0; i < 8; i++) {
            end.receive(i, 0, 8);
        }
        WirePacket[] packets = new WirePacket[8];
        for (int i = 0; i < 8; i++) {
            packets[i] = ack(bench.send(Opcodes.SEND_ONLY, i, NOTHING));
        }
        assertThat(bench.round(packets[0], packets[2], packets[3])).containsExactly("NAK 60 +1 #1");
        assertThat(bench.round(packets[4])).isEmpty();
        assertThat(bench.round(packets[1])).containsExactly("ACK +1 #2");
        assertThat(bench.round(packets[3])).containsExactly("NAK 60 +2 #2");
        assertThat(bench.count(PacketCounter.OUT_OF_SEQUENCE_REQUESTS)).isEqualTo(4);
        assertThat(end.received()).hasSize(2);
    }

    @Test
    void aRefusalIsForgottenWhenThePacketComesInTheSameRound() {
        end.receive(1, 0, 8);
        end.receive(2, 0, 8);
        assertThat(bench.round(bench.send(Opcodes.SEND_ONLY, 1, NOTHING), bench.send(Opcodes.SEND_ONLY, 0, NOTHING)))
                .containsExactly("ACK +0 #1");
    }

    @Test
    void packetsThatCameBeforeAreAcknowledgedAndNotCarriedOutAgain() {
        end.receive(1, 0, 8);
        end.receive(2, 0, 8);
        WirePacket first = bench.send(Opcodes.SEND_ONLY, 0, NOTHING);
        bench.round(first, bench.send(Opcodes.SEND_ONLY, 1, NOTHING));
        assertThat(bench.round(first)).containsExactly("ACK +1 #2");
        assertThat(bench.count(PacketCounter.DUPLICATE_REQUESTS)).isEqualTo(1);
        assertThat(end.received()).hasSize(2);
    }

    @Test
    void aPacketThatCameBeforeDoesNotHideARefusal() {
        end.receive(1, 0, 8);
        WirePacket first = bench.send(Opcodes.SEND_ONLY, 0, NOTHING);
        bench.round(first);
        assertThat(bench.round(bench.send(Opcodes.SEND_ONLY, 2, NOTHING), first))
                .containsExactly("NAK 60 +1 #1");
    }

    @Test
    void whatIsBehindTheFirstNumberEverIsNoDuplicate() {
        end.receive(1, 0, 8);
        WirePacket behind = ack(bench.send(Opcodes.SEND_ONLY, -1, NOTHING));
        assertThat(bench.round(behind)).isEmpty();
        assertThat(bench.round(bench.send(Opcodes.SEND_ONLY, 0, NOTHING))).isEmpty();
        assertThat(bench.round(behind)).isEmpty();
    }

    @Test
    void aConnectionAfterAResetExpectsItsOwnNumbers() {
        end.receive(1, 0, 8);
        end.receive(2, 0, 600);
        bench.round(bench.send(Opcodes.SEND_ONLY, 0, NOTHING), bench.send(Opcodes.SEND_FIRST, 1, new byte[MTU]));
        end.to(QueuePairState.RESET);
        end.toInit();
        end.toReceive(bench.peer, PEER);
        end.receive(3, 0, 8);
        assertThat(bench.round(ack(bench.send(Opcodes.SEND_ONLY, 0, NOTHING)))).containsExactly("ACK +0 #1");
        assertThat(end.received()).containsExactly("1 SUCCESS", "3 SUCCESS");
    }

    // ---- receivers that are not ready

    @Test
    void withoutAReceiveThePacketMustComeAgain() {
        WirePacket first = ack(bench.send(Opcodes.SEND_ONLY, 0, NOTHING));
        WirePacket second = ack(bench.send(Opcodes.SEND_ONLY, 1, NOTHING));
        assertThat(bench.round(first, second)).containsExactly("RNR 12 +0 #0");
        assertThat(bench.round(second)).as("once is enough").isEmpty();
        assertThat(bench.round(first)).containsExactly("RNR 12 +0 #0");
        end.receive(1, 0, 8);
        assertThat(bench.round(first)).containsExactly("ACK +0 #1");
        assertThat(bench.count(PacketCounter.SENT_RNR)).isEqualTo(2);
    }

    // ---- what is refused

    @ParameterizedTest
    @CsvSource({
        "0,1", // nothing before
        "0,2",
        "0,3",
        "0,7",
        "0,8",
        "0,22", //
        "1,0",
        "1,4",
        "1,6",
        "1,10",
        "1,12",
        "1,20", // a send before
        "1,7",
        "1,8",
        "1,28",
        "1,29", //
        "2,0",
        "2,1",
        "2,2",
        "2,6",
        "2,12",
        "2,20",
        "2,22" // a write before
    })
    void operationsInAWrongOrderAreInvalid(int before, int opcode) {
        end.receive(1, 0, 1000);
        if (before == 1) {
            bench.round(bench.send(Opcodes.SEND_FIRST, 0, new byte[MTU]));
        } else if (before == 2) {
            bench.round(write(Opcodes.WRITE_FIRST, 0, 1000, new byte[MTU]));
        }
        int number = Math.min(before, 1);
        byte[] extension = new byte[Opcodes.headerBytes(opcode) - 12];
        byte[] payload = new byte[Opcodes.mayCarryPayload(opcode) ? 8 : 0];
        assertThat(bench.round(bench.packet(opcode, number, extension, payload)))
                .containsExactly("NAK 61 +" + number + " #0");
        assertThat(bench.count(PacketCounter.DROPPED_SEQUENCE)).isEqualTo(1);
        hasFailed(before == 1 ? "1 REM_INV_REQ_ERR" : "1 WR_FLUSH_ERR");
        assertThat(end.events.contains(AsyncEventType.QP_REQ_ERR)).isEqualTo(before != 1);
    }

    @ParameterizedTest
    @CsvSource({"0,255", "0,0", "0,252", "4,257", "4,260"})
    void sendsOfAWrongLengthAreInvalid(int opcode, int length) {
        end.receive(1, 0, 1000);
        assertThat(bench.round(bench.send(opcode, 0, new byte[length]))).containsExactly("NAK 61 +0 #0");
        hasFailed("1 REM_INV_REQ_ERR");
    }

    @ParameterizedTest
    @CsvSource({"1,255", "1,260", "2,0", "2,257"})
    void laterPacketsOfAWrongLengthAreInvalid(int opcode, int length) {
        end.receive(1, 0, 1000);
        assertThat(bench.round(
                        bench.send(Opcodes.SEND_FIRST, 0, new byte[MTU]), bench.send(opcode, 1, new byte[length])))
                .containsExactly("NAK 61 +1 #0");
        hasFailed("1 REM_INV_REQ_ERR");
    }

    @ParameterizedTest
    @CsvSource({"10,8,7", "10,7,8", "10,300,300", "6,256,256", "6,2147483649,256", "6,600,255"})
    void writesOfAnotherLengthThanAnnouncedAreInvalid(int opcode, long announced, int length) {
        assertThat(bench.round(write(opcode, 0, announced, new byte[length]))).containsExactly("NAK 61 +0 #0");
        hasFailed();
        assertThat(end.events).containsExactly(AsyncEventType.COMM_EST, AsyncEventType.QP_REQ_ERR);
    }

    @ParameterizedTest
    @CsvSource({"7,256,300,1", "8,256,300,43", "8,44,600,44"})
    void writesThatGoOnOtherwiseThanAnnouncedAreInvalid(int opcode, int length, long announced, int unused) {
        assertThat(bench.round(
                        write(Opcodes.WRITE_FIRST, 0, announced, new byte[MTU]),
                        bench.send(opcode, 1, new byte[length])))
                .containsExactly("NAK 61 +1 #0");
        hasFailed();
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 12, 19, 20, 28, 29})
    void whatTheQueuePairDoesNotAllowIsInvalid(int opcode) {
        end.toSend();
        end.engine.modify(new QueuePairAttributes().accessFlags(0));
        byte[] payload = new byte[opcode == Opcodes.WRITE_ONLY || opcode == Opcodes.ATOMIC_WRITE ? 8 : 0];
        WirePacket packet = switch (opcode) {
            case Opcodes.FLUSH -> bench.flush(0, 1, 0, 8);
            case Opcodes.COMPARE_SWAP, Opcodes.FETCH_ADD -> bench.atomic(opcode, 0, 0, 1, 1);
            default -> write(opcode, 0, 8, payload);
        };
        assertThat(bench.round(packet)).containsExactly("NAK 61 +0 #0");
        hasFailed();
        assertThat(end.events).contains(AsyncEventType.QP_REQ_ERR);
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 10, 12, 19, 20, 28, 29})
    void aWrongKeyOrRangeIsAnAccessError(int opcode) {
        for (int fault = 0; fault < 3; fault++) {
            try (RequestBench fresh = new RequestBench()) {
                int key = fresh.end.key() ^ (fault == 0 ? 1 : 0);
                long address =
                        fresh.end.address(fault == 1 ? (1 << 20) - 7 & -8 : fault == 2 ? -8 : 0) + (fault == 1 ? 8 : 0);
                byte[] payload = switch (opcode) {
                    case Opcodes.WRITE_FIRST -> new byte[MTU];
                    case Opcodes.WRITE_ONLY, Opcodes.ATOMIC_WRITE -> new byte[8];
                    default -> NOTHING;
                };
                long length = opcode == Opcodes.WRITE_FIRST ? 300 : 8;
                WirePacket packet = fresh.remote(opcode, 0, address, key, length, payload);
                if (opcode == Opcodes.FLUSH) {
                    packet = fresh.packet(
                            opcode, 0, concat(new byte[] {0, 0, 0, 1}, slice(packet.bytes(), 12, 28)), NOTHING);
                } else if (opcode == Opcodes.COMPARE_SWAP || opcode == Opcodes.FETCH_ADD) {
                    packet = fresh.packet(opcode, 0, concat(slice(packet.bytes(), 12, 24), new byte[16]), NOTHING);
                }
                assertThat(fresh.round(packet)).containsExactly("NAK 62 +0 #0");
                assertThat(fresh.end.events).contains(AsyncEventType.QP_ACCESS_ERR);
                assertThat(fresh.end.engine.state()).isEqualTo(QueuePairState.ERR);
            }
        }
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    @Test
    void aWriteThatDoesNotFitWritesNothing() {
        byte[] before = end.bytes((1 << 20) - 300, 300);
        WirePacket packet =
                bench.remote(Opcodes.WRITE_FIRST, 0, end.address((1 << 20) - 300), end.key(), 301, random(MTU, 5));
        assertThat(bench.round(packet)).containsExactly("NAK 62 +0 #0");
        assertThat(end.bytes((1 << 20) - 300, 300)).isEqualTo(before);
    }

    @Test
    void memoryThatIsWithdrawnBetweenTwoPacketsIsNotWritten() {
        MemoryRegion other = end.domain.allocateMemory(1000, AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE);
        bench.round(bench.remote(Opcodes.WRITE_FIRST, 0, other.address(), other.rkey(), 300, new byte[MTU]));
        other.close();
        assertThat(bench.round(bench.send(Opcodes.WRITE_LAST, 1, new byte[44]))).containsExactly("NAK 62 +1 #0");
    }

    @Test
    void aReceiveWhoseMemoryIsWithdrawnBetweenTwoPacketsFails() {
        MemoryRegion other = end.domain.allocateMemory(1000, AccessFlags.LOCAL_WRITE);
        assertThat(end.engine.postReceive(new ReceiveRequest(1, new ScatterGatherElement(other, 0, 1000))))
                .isNull();
        bench.round(bench.send(Opcodes.SEND_FIRST, 0, new byte[MTU]));
        other.close();
        assertThat(bench.round(bench.send(Opcodes.SEND_LAST, 1, new byte[44]))).containsExactly("NAK 63 +1 #0");
        hasFailed("1 LOC_PROT_ERR");
    }

    @Test
    void aMessageThatIsTooLongFailsTheReceive() {
        end.receive(1, 0, 300);
        end.receive(2, 0, 300);
        byte[] before = end.bytes(300, 300);
        assertThat(bench.round(
                        bench.send(Opcodes.SEND_FIRST, 0, new byte[MTU]),
                        bench.send(Opcodes.SEND_LAST, 1, new byte[45])))
                .containsExactly("NAK 61 +1 #0");
        hasFailed("1 LOC_LEN_ERR", "2 WR_FLUSH_ERR");
        assertThat(end.bytes(300, 300)).isEqualTo(before);
    }

    @Test
    void aWriteWithImmediateThatMayNotBeFailsTheReceiveItTook() {
        end.receive(1, 0, 8);
        assertThat(bench.round(bench.writeOnlyImmediate(0, end.address(0), end.key() ^ 1, 1, new byte[8])))
                .containsExactly("NAK 62 +0 #0");
        hasFailed("1 LOC_ACCESS_ERR");
    }

    @Test
    void aFailedQueuePairHearsNothingMore() {
        end.receive(1, 0, 8);
        bench.round(bench.send(Opcodes.SEND_LAST, 0, new byte[8]));
        assertThat(bench.round(ack(bench.send(Opcodes.SEND_ONLY, 0, NOTHING)), bench.read(1, 0, 8)))
                .isEmpty();
        assertThat(bench.count(PacketCounter.DROPPED_STATE)).isEqualTo(2);
    }

    // ---- who is heard

    @Test
    void onlyThePeerIsHeardAndOnlyOfThisService() {
        end.receive(1, 0, 8);
        WirePacket packet = ack(bench.send(Opcodes.SEND_ONLY, 0, NOTHING));
        assertThat(bench.round(from(new Gid(0, 0xFFFF_0A00_0003L), packet))).isEmpty();
        assertThat(bench.count(PacketCounter.DROPPED_WRONG_PEER)).isEqualTo(1);
        assertThat(bench.round(bench.send(Opcodes.UC | Opcodes.SEND_ONLY, 0, NOTHING)))
                .isEmpty();
        assertThat(bench.count(PacketCounter.DROPPED_UNKNOWN_QUEUE_PAIR)).isEqualTo(1);
        assertThat(bench.round(packet)).containsExactly("ACK +0 #1");
    }

    @Test
    void theFirstPacketEstablishesTheConnectionOnce() {
        end.receive(1, 0, 8);
        end.receive(2, 0, 8);
        bench.round(bench.send(Opcodes.SEND_ONLY, 1, NOTHING));
        assertThat(end.events).isEmpty();
        bench.round(bench.send(Opcodes.SEND_ONLY, 0, NOTHING), bench.send(Opcodes.SEND_ONLY, 1, NOTHING));
        assertThat(end.events).containsExactly(AsyncEventType.COMM_EST);
    }

    @Test
    void congestionIsAnsweredOnceInFiftyMicroseconds() {
        for (int i = 0; i < 4; i++) {
            end.receive(i, 0, 8);
        }
        bench.begin(true, bench.send(Opcodes.SEND_ONLY, 0, NOTHING), bench.send(Opcodes.SEND_ONLY, 1, NOTHING));
        assertThat(bench.answers()).containsExactly("CNP 64 16");
        bench.wire.timer.advance(49_999);
        bench.begin(true, bench.send(Opcodes.SEND_ONLY, 2, NOTHING));
        assertThat(bench.answers()).isEmpty();
        bench.wire.timer.advance(1);
        bench.begin(true, bench.send(Opcodes.SEND_ONLY, 3, NOTHING));
        assertThat(bench.answers()).containsExactly("CNP 64 16");
        assertThat(bench.count(PacketCounter.SENT_CNP)).isEqualTo(2);
    }

    // ---- ends

    @Test
    void whatIsOwedIsSentWhenTheQueuePairIsClosedRightAfterTheLastMessage() {
        for (QueuePairState state : List.of(QueuePairState.RESET, QueuePairState.ERR)) {
            try (RequestBench fresh = new RequestBench()) {
                fresh.end.receive(1, 0, 8);
                fresh.begin(
                        false,
                        fresh.atomic(Opcodes.FETCH_ADD, 0, 8, 1, 0),
                        ack(fresh.send(Opcodes.SEND_ONLY, 1, new byte[8])));
                fresh.end.to(state);
                assertThat(fresh.answers()).containsExactly("ATOMIC +0 #1 = 0", "ACK +1 #2");
                assertThat(fresh.round()).isEmpty();
            }
        }
    }

    @Test
    void closingBeforeAReadIsAnsweredStillAcknowledgesWhatWasBeforeIt() {
        end.receive(1, 0, 8);
        bench.begin(false, ack(bench.send(Opcodes.SEND_ONLY, 0, new byte[8])), bench.read(1, 0, 8));
        end.to(QueuePairState.RESET);
        assertThat(bench.answers()).containsExactly("ACK +0 #1");
    }

    @Test
    void aMessageUnderWayIsFlushedWithItsQueuePair() {
        end.receive(1, 0, 1000);
        end.receive(2, 0, 1000);
        bench.round(bench.send(Opcodes.SEND_FIRST, 0, new byte[MTU]));
        end.to(QueuePairState.ERR);
        assertThat(end.received()).containsExactly("1 WR_FLUSH_ERR", "2 WR_FLUSH_ERR");
        assertThat(bench.round(ack(bench.send(Opcodes.SEND_LAST, 1, new byte[8]))))
                .isEmpty();
    }
}
