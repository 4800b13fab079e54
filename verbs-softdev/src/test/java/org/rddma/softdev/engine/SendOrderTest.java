package org.rddma.softdev.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.softdev.link.roce.Opcodes.*;
import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Gid;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.MemoryWindowType;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.spi.RetryTimes;

/** What may be sent when, and what stops it. The path MTU is 256. */
class SendOrderTest extends WireTest {
    private static final long REMOTE = 0x7F00_0000_1000L;
    private static final int KEY = 0x1234;

    private void answerRead(int index) {
        deliver(data(READ_RESPONSE_ONLY, index, new byte[8]));
    }

    // ---- how much

    @Test
    @DisplayName("§6.4(3) no more packets than the window allows; the last of them asks for an acknowledgement")
    void noMoreThanTheWindow() {
        wire.window = 16;
        WireEnd end = connected();
        end.post(end.request(1, 0, 40 * 256));
        List<WirePacket> packets = wire.takeAll();
        assertThat(packets).hasSize(16);
        assertThat(packets.get(15).asksForAck()).isTrue();
        assertThat(packets.stream().filter(WirePacket::asksForAck).count()).isEqualTo(4);
        deliver(ack(7));
        assertThat(sent()).hasSize(8);
        deliver(ack(15));
        assertThat(sent()).hasSize(8);
        deliver(ack(31));
        assertThat(sent()).hasSize(8).last().isEqualTo("02 39 256 A");
        deliver(ack(39));
        assertThat(end.sent()).containsExactly("1 SUCCESS");
    }

    @Test
    @DisplayName("whatever the window: its last packet asks, since nothing else may be sent before the answer")
    void lastPacketOfAWindowAsks() {
        for (int width = 1; width <= 40; width++) {
            wire.window = width;
            WireEnd end = connected();
            end.post(end.request(1, 0, 128 * 256));
            List<WirePacket> packets = wire.takeAll();
            assertThat(packets).hasSize(width).last().matches(WirePacket::asksForAck);
            ends.remove(end);
            end.close();
        }
    }

    @Test
    @DisplayName("the window is never more than 128 packets, nor less than one, whatever the port says")
    void windowHasBounds() {
        wire.window = 1000;
        WireEnd end = connected();
        end.post(end.request(1, 0, 300 * 256));
        assertThat(sent()).hasSize(128);
        wire.window = 0;
        WireEnd narrow = end(node, NUMBER + 1);
        narrow.connectTo(peer, PEER);
        narrow.post(narrow.request(1, 0, 300));
        assertThat(sent()).containsExactly("00 0 256 A");
    }

    @Test
    @DisplayName("a loss halves the window; each window that arrives makes it one wider")
    void windowShrinksAndGrows() {
        wire.window = 64;
        WireEnd end = connected();
        end.post(end.request(1, 0, 1000 * 256));
        assertThat(sent()).hasSize(64);
        deliver(answer(0, NAK_SEQUENCE));
        assertThat(sent()).hasSize(32);
        int acknowledged = 0;
        int width = 32;
        for (int i = 0; i < 20; i++) {
            acknowledged += width;
            deliver(ack(acknowledged - 1));
            width = wire.takeAll().size();
        }
        assertThat(width).isBetween(45, 52);
    }

    @Test
    @DisplayName("§6.4(3) no more reads and atomics under way than the peer takes; what is behind waits in order")
    void noMoreReadsThanThePeerTakes() {
        shape.reads = 2;
        WireEnd end = connected();
        for (int i = 0; i < 4; i++) {
            end.post(
                    i == 1
                            ? end.request(i, 0, 8).fetchAndAdd(REMOTE, KEY, 1)
                            : end.request(i, 0, 8).read(REMOTE, KEY));
        }
        end.post(end.request(4, 0, 8));
        assertThat(sent()).containsExactly("0c 0 0 A", "14 1 0 A");
        answerRead(0);
        assertThat(sent()).containsExactly("0c 2 0 A");
        deliver(atomicResult(1, 5));
        assertThat(sent()).containsExactly("0c 3 0 A", "04 4 8 A");
        answerRead(2);
        answerRead(3);
        deliver(ack(4));
        assertThat(end.sent()).containsExactly("0 SUCCESS", "1 SUCCESS", "2 SUCCESS", "3 SUCCESS", "4 SUCCESS");
    }

    @Test
    @DisplayName("long reads are asked for in parts of half a window, so that the answers find room")
    void longReadsComeInParts() {
        wire.window = 8;
        WireEnd end = connected();
        end.post(end.request(1, 0, 10 * 256 + 100).read(REMOTE, KEY));
        List<WirePacket> packets = wire.takeAll();
        assertThat(words(packets)).containsExactly("0c 0 0 A", "0c 4 0 A");
        for (int i = 0; i < 11; i++) {
            int operation = i % 4 == 0
                    ? READ_RESPONSE_FIRST
                    : i % 4 == 3 || i == 10 ? READ_RESPONSE_LAST : READ_RESPONSE_MIDDLE;
            byte[] data = new byte[i == 10 ? 100 : 256];
            Arrays.fill(data, (byte) (i + 1));
            deliver(data(operation, i, data));
            if (i == 2) {
                packets = wire.takeAll();
                assertThat(words(packets)).as("room for the rest").containsExactly("0c 8 0 A");
                assertThat(packets.get(0).extensionLong(0)).isEqualTo(REMOTE + 8 * 256);
                assertThat(packets.get(0).extensionInt(12)).isEqualTo(2 * 256 + 100);
            }
        }
        assertThat(end.sent()).containsExactly("1 SUCCESS");
        for (int i = 0; i < 11; i++) {
            assertThat(end.bytes(256 * i, i == 10 ? 100 : 256)).containsOnly(i + 1);
        }
        assertThat(end.bytes(2660, 100)).containsOnly(0);
    }

    @Test
    @DisplayName("§2.4 a fenced request waits until the reads before it are answered")
    void fencesWaitForReads() {
        WireEnd end = connected();
        end.post(end.request(1, 0, 8).read(REMOTE, KEY));
        end.post(end.request(2, 0, 8));
        end.post(end.request(3, 0, 8).flags(SendFlags.FENCE | SendFlags.SIGNALED));
        assertThat(sent()).containsExactly("0c 0 0 A", "04 1 8 A");
        answerRead(0);
        assertThat(sent()).containsExactly("04 2 8 A");
    }

    // ---- what is wrong here

    @Test
    @DisplayName("§2.5 memory that may not be used fails the request with LOC_PROT_ERR, after those before it")
    void localErrorsComeInOrder() {
        WireEnd end = connected();
        end.post(end.request(1, 0, 300));
        end.post(end.request(2, 0, 8).sges(new ScatterGatherElement().set(end.address(0), 8, 0x7777)));
        end.post(end.request(3, 0, 8));
        assertThat(sent()).containsExactly("00 0 256", "02 1 44 A");
        assertThat(end.sent()).isEmpty();
        assertThat(end.engine.state()).isEqualTo(QueuePairState.RTS);
        deliver(ack(1));
        assertThat(end.sent()).containsExactly("1 SUCCESS", "2 LOC_PROT_ERR", "3 WR_FLUSH_ERR");
        assertThat(sent()).isEmpty();
    }

    @Test
    @DisplayName("memory that is withdrawn before a packet is sent again: LOC_PROT_ERR, and nothing of it is read")
    void withdrawnMemoryIsNotSentAgain() {
        WireEnd end = connected();
        MemoryRegion region = end.domain.allocateMemory(1024, AccessFlags.LOCAL_WRITE);
        end.post(new SendRequest()
                .wrId(1)
                .sge(new ScatterGatherElement(region, 0, 600))
                .write(REMOTE, KEY)
                .flags(SendFlags.SIGNALED));
        assertThat(sent()).hasSize(3);
        region.close();
        wire.timer.advance(RetryTimes.timeoutNanos(shape.timeout));
        assertThat(sent()).isEmpty();
        assertThat(end.sent()).containsExactly("1 LOC_PROT_ERR");
    }

    @Test
    @DisplayName("memory that is withdrawn before the data of a read comes: LOC_PROT_ERR, and nothing is written")
    void withdrawnMemoryIsNotWritten() {
        for (boolean atomic : new boolean[] {false, true}) {
            WireEnd end = connected();
            MemoryRegion region = end.domain.allocateMemory(1024, AccessFlags.LOCAL_WRITE);
            SendRequest request = new SendRequest()
                    .wrId(1)
                    .sge(new ScatterGatherElement(region, 0, 8))
                    .flags(SendFlags.SIGNALED);
            end.post(atomic ? request.fetchAndAdd(REMOTE, KEY, 1) : request.read(REMOTE, KEY));
            region.close();
            deliver(atomic ? atomicResult(0, -1) : data(READ_RESPONSE_ONLY, 0, new byte[8]));
            assertThat(end.sent()).containsExactly("1 LOC_PROT_ERR");
            ends.remove(end);
            end.close();
            wire.takeAll();
        }
    }

    @Test
    @DisplayName("§2.5 reads where none may be under way: LOC_QP_OP_ERR, in order; flushes need no permission")
    void noReadsAllowed() {
        shape.reads = 0;
        WireEnd end = connected();
        for (int i = 0; i < 3; i++) {
            end.post(end.request(i, 0, 8).atomicWrite(REMOTE, KEY));
        }
        end.post(end.request(3, 0, 8).read(REMOTE, KEY));
        for (int i = 0; i < 3; i++) {
            assertThat(sent()).containsExactly("1d " + i + " 8 A");
            deliver(data(READ_RESPONSE_ONLY, i, new byte[0]));
        }
        assertThat(end.sent()).containsExactly("0 SUCCESS", "1 SUCCESS", "2 SUCCESS", "3 LOC_QP_OP_ERR");
    }

    @Test
    @DisplayName("a local request waits for all before it, and holds back all behind it")
    void localRequestsAreExecutedAlone() {
        WireEnd end = connected();
        MemoryWindow window = end.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
        int key = window.rkey() + 1;
        MemoryWindowBind bind = new MemoryWindowBind().show(end.memory, end.address(0), 64, AccessFlags.REMOTE_WRITE);
        end.post(end.request(1, 0, 8));
        end.post(new SendRequest().wrId(2).bindMemoryWindow(window, key, bind).flags(SendFlags.SIGNALED));
        end.post(end.request(3, 0, 8));
        end.post(new SendRequest().wrId(4).invalidateLocal(key).flags(SendFlags.SIGNALED));
        end.post(new SendRequest().wrId(5).invalidateLocal(key).flags(SendFlags.SIGNALED));
        end.post(end.request(6, 0, 8));
        assertThat(sent()).containsExactly("04 0 8 A");
        deliver(ack(0));
        assertThat(end.sent()).containsExactly("1 SUCCESS", "2 SUCCESS");
        assertThat(sent()).containsExactly("04 1 8 A");
        deliver(ack(1));
        assertThat(end.sent()).containsExactly("3 SUCCESS", "4 SUCCESS", "5 LOC_QP_OP_ERR", "6 WR_FLUSH_ERR");
        window.close();
    }

    // ---- states

    @Test
    @DisplayName("§2.1 SQD: what is begun is finished, and sent again; what is not begun waits for RTS")
    void drainingFinishesWhatIsBegun() {
        wire.window = 2;
        WireEnd end = connected();
        end.post(end.request(1, 0, 1000));
        end.post(end.request(2, 0, 8));
        assertThat(sent()).containsExactly("00 0 256 A", "01 1 256 A");
        end.engine.modify(new QueuePairAttributes().state(QueuePairState.SQD).sqdAsyncNotify(true));
        assertThat(end.engine.query().draining()).isTrue();
        deliver(ack(1));
        assertThat(sent()).containsExactly("01 2 256 A", "02 3 232 A");
        wire.timer.advance(RetryTimes.timeoutNanos(shape.timeout));
        assertThat(sent()).containsExactly("01 2 256 A", "02 3 232 A");
        assertThat(end.events).isEmpty();
        deliver(ack(3));
        assertThat(end.sent()).containsExactly("1 SUCCESS");
        assertThat(end.events).containsExactly(AsyncEventType.SQ_DRAINED);
        assertThat(end.engine.query().draining()).isFalse();
        assertThat(sent()).isEmpty();
        end.to(QueuePairState.RTS);
        assertThat(sent()).containsExactly("04 4 8 A");
        deliver(ack(4));
        assertThat(end.sent()).containsExactly("2 SUCCESS");
    }

    @Test
    @DisplayName("§2.1 ERR flushes what is under way and what is not, in order, and sends nothing more")
    void errorFlushesEverything() {
        wire.window = 2;
        WireEnd end = connected();
        end.post(end.request(1, 0, 1000).flags(0));
        end.post(end.request(2, 0, 8).flags(0));
        end.to(QueuePairState.ERR);
        end.post(end.request(3, 0, 8).flags(0));
        assertThat(end.sent()).containsExactly("1 WR_FLUSH_ERR", "2 WR_FLUSH_ERR", "3 WR_FLUSH_ERR");
        wire.takeAll();
        deliver(ack(0), answer(0, NAK_SEQUENCE));
        wire.timer.advance(100 * RetryTimes.timeoutNanos(shape.timeout));
        assertThat(sent()).isEmpty();
    }

    @Test
    @DisplayName("§2.1 RESET in the middle forgets everything; the next connection begins with its own numbers")
    void resetForgetsEverything() {
        shape.reads = 1;
        WireEnd end = connected();
        end.post(end.request(1, 0, 1000));
        end.post(end.request(2, 0, 8).read(REMOTE, KEY));
        deliver(answer(0, SYNDROME_RNR | 20));
        wire.takeAll();
        end.to(QueuePairState.RESET);
        assertThat(wire.timer.pending()).isZero();
        deliver(ack(3));
        assertThat(end.sent()).isEmpty();
        shape.psn = 77;
        end.connectTo(peer, PEER);
        end.fill(0, 8, 4);
        byte[] bytes = end.fill(8, 8, 5);
        end.post(end.request(3, 8, 8));
        end.post(end.request(4, 0, 8).read(REMOTE, KEY));
        List<WirePacket> packets = wire.takeAll();
        assertThat(words(packets)).containsExactly("04 0 8 A", "0c 1 0 A");
        assertThat(packets.get(0).payload()).isEqualTo(bytes);
        assertThat(packets.get(0).psn()).isEqualTo(77);
        answerRead(1);
        assertThat(end.sent()).containsExactly("3 SUCCESS", "4 SUCCESS");
    }

    @Test
    @DisplayName("closing in the middle leaves no task behind")
    void closingLeavesNothing() {
        WireEnd end = connected();
        end.post(end.request(1, 0, 1000));
        assertThat(wire.timer.pending()).isEqualTo(1);
        ends.remove(end);
        end.close();
        assertThat(wire.timer.pending()).isZero();
    }

    // ---- datagrams

    @Test
    @DisplayName("§6.3 datagrams go where their address handle says, with number and Q_Key, and are done when sent")
    void datagramsCarryTheirAddress() {
        shape.type = QueuePairType.UD;
        WireEnd end = connected();
        PacketWire.Node third = wire.node(new Gid(5, 6));
        AddressHandle there = end.domain.createAddressHandle(AddressVector.to(peer.gid));
        AddressHandle elsewhere = end.domain.createAddressHandle(new AddressVector(third.gid, 0, 7, 9, 0, 0, 1));
        byte[] bytes = end.fill(0, 4096, 1);
        end.post(end.request(1, 0, 5).datagram(there, 0x33, 0x5555));
        end.post(end.request(2, 0, 4096)
                .sendWithImmediate(8)
                .datagram(elsewhere, 0x44, 0x80000001)
                .flags(SendFlags.SIGNALED | SendFlags.SOLICITED));
        assertThat(end.sent()).containsExactly("1 SUCCESS", "2 SUCCESS");
        List<WirePacket> packets = wire.takeAll();
        assertThat(words(packets)).containsExactly("64 0 5", "65 1 4096");
        assertThat(packets.get(0).queuePair()).isEqualTo(0x33);
        assertThat(packets.get(0).destination()).isEqualTo(peer.gid);
        assertThat(packets.get(0).extensionInt(0)).isEqualTo(0x5555);
        assertThat(packets.get(0).extensionInt(4)).isEqualTo(NUMBER);
        assertThat(packets.get(1).destination()).isEqualTo(third.gid);
        assertThat(packets.get(1).path().hopLimit()).isEqualTo(7);
        assertThat(packets.get(1).path().trafficClass()).isEqualTo(9);
        assertThat(packets.get(1).extensionInt(0)).as("the own Q_Key").isEqualTo(WireEnd.QKEY);
        assertThat(packets.get(1).extensionInt(8)).isEqualTo(8);
        assertThat(packets.get(1).isSolicited()).isTrue();
        assertThat(packets.get(1).payload()).isEqualTo(bytes);
        there.close();
        elsewhere.close();
    }

    @Test
    @DisplayName("§2.5 a datagram that is longer than the MTU: LOC_LEN_ERR and SQE; RTS goes on behind what is flushed")
    void longDatagramsStopTheQueue() {
        shape.type = QueuePairType.UD;
        WireEnd end = connected();
        AddressHandle there = end.domain.createAddressHandle(AddressVector.to(peer.gid));
        end.post(end.request(1, 0, 5).datagram(there, 0x33, 0x5555));
        end.post(end.request(2, 0, 4097).datagram(there, 0x33, 0x5555));
        assertThat(end.engine.state()).isEqualTo(QueuePairState.SQE);
        end.post(end.request(3, 0, 5).datagram(there, 0x33, 0x5555));
        assertThat(end.sent()).containsExactly("1 SUCCESS", "2 LOC_LEN_ERR", "3 WR_FLUSH_ERR");
        end.to(QueuePairState.RTS);
        end.post(end.request(4, 0, 5).datagram(there, 0x33, 0x5555));
        assertThat(sent()).containsExactly("64 0 5", "64 1 5");
        assertThat(end.sent()).containsExactly("4 SUCCESS");
        there.close();
    }
}
