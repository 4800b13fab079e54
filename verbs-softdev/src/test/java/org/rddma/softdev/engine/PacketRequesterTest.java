package org.rddma.softdev.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.softdev.link.roce.Opcodes.*;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.verbs.FlushLevel;
import org.rddma.verbs.FlushPlacement;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;

/** Which packets a request becomes, and which answers complete it. The path MTU is 256. */
class PacketRequesterTest extends WireTest {
    private static final long REMOTE = 0x7F00_0000_1000L;
    private static final int KEY = 0x1234;

    @Test
    @DisplayName(
            "§6.3 a send is cut at the MTU: ONLY, or FIRST, MIDDLE..., LAST; the last asks for the acknowledgement")
    void sendsAreCutAtTheMtu() {
        WireEnd end = connected();
        int[] sizes = {0, 1, 255, 256, 257, 768};
        for (int i = 0; i < sizes.length; i++) {
            end.post(end.request(i, 0, sizes[i]));
        }
        assertThat(sent())
                .containsExactly(
                        "04 0 0 A",
                        "04 1 1 A",
                        "04 2 255 A",
                        "04 3 256 A",
                        "00 4 256",
                        "02 5 1 A",
                        "00 6 256",
                        "01 7 256",
                        "02 8 256 A");
        assertThat(end.sent()).isEmpty();
        deliver(ack(8));
        assertThat(end.sent())
                .containsExactly("0 SUCCESS", "1 SUCCESS", "2 SUCCESS", "3 SUCCESS", "4 SUCCESS", "5 SUCCESS");
    }

    @Test
    @DisplayName("the pieces of a message are the message, from several elements, and padded with zeros")
    void piecesAreTheMessage() {
        WireEnd end = connected();
        byte[] bytes = end.fill(0, 603, 7);
        end.post(end.request(1, 0, 100).addSge(end.piece(100, 300)).addSge(end.piece(400, 203)));
        List<WirePacket> packets = wire.takeAll();
        ByteBuffer whole = ByteBuffer.allocate(603);
        packets.forEach(packet -> whole.put(packet.payload()));
        assertThat(whole.array()).isEqualTo(bytes);
        assertThat(packets.get(2).pad()).isEqualTo(1);
        assertThat(packets).allSatisfy(packet -> {
            assertThat(packet.queuePair()).isEqualTo(PEER);
            assertThat(packet.destination()).isEqualTo(peer.gid);
        });
    }

    @Test
    @DisplayName("§6.3 immediate data and the key to be invalidated are in the last packet; so is the solicited bit")
    void lastPacketCarriesTheRest() {
        WireEnd end = connected();
        int flags = SendFlags.SIGNALED | SendFlags.SOLICITED;
        end.post(end.request(1, 0, 8).sendWithImmediate(0x01020304).flags(flags));
        end.post(end.request(2, 0, 300).sendWithImmediate(0x01020304).flags(flags));
        end.post(end.request(3, 0, 8).sendWithInvalidate(KEY).flags(flags));
        end.post(end.request(4, 0, 300).sendWithInvalidate(KEY).flags(flags));
        end.post(end.request(5, 0, 300).flags(flags));
        List<WirePacket> packets = wire.takeAll();
        assertThat(words(packets))
                .containsExactly(
                        "05 0 8 A",
                        "00 1 256",
                        "03 2 44 A",
                        "17 3 8 A",
                        "00 4 256",
                        "16 5 44 A",
                        "00 6 256",
                        "02 7 44 A");
        for (int i : new int[] {0, 2}) {
            assertThat(packets.get(i).extensionInt(0)).isEqualTo(0x01020304);
        }
        for (int i : new int[] {3, 5}) {
            assertThat(packets.get(i).extensionInt(0)).isEqualTo(KEY);
        }
        assertThat(packets).filteredOn(WirePacket::isSolicited).hasSize(5).allMatch(WirePacket::asksForAck);
    }

    @Test
    @DisplayName("§6.3 a write says in its first packet where it goes and how long it is in all")
    void writesSayWhereTheyGo() {
        WireEnd end = connected();
        end.post(end.request(1, 0, 0).write(REMOTE, KEY));
        end.post(end.request(2, 0, 256).write(REMOTE, KEY));
        end.post(end.request(3, 0, 700).write(REMOTE, KEY).flags(SendFlags.SOLICITED));
        end.post(end.request(4, 0, 8).writeWithImmediate(REMOTE, KEY, 9));
        end.post(end.request(5, 0, 257).writeWithImmediate(REMOTE, KEY, 9).flags(SendFlags.SOLICITED));
        List<WirePacket> packets = wire.takeAll();
        assertThat(words(packets))
                .containsExactly(
                        "0a 0 0 A",
                        "0a 1 256 A",
                        "06 2 256",
                        "07 3 256",
                        "08 4 188 A",
                        "0b 5 8 A",
                        "06 6 256",
                        "09 7 1 A");
        int[] lengths = {0, 256, 700, -1, -1, 8, 257, -1};
        for (int i = 0; i < lengths.length; i++) {
            if (lengths[i] >= 0) {
                assertThat(packets.get(i).extensionLong(0)).isEqualTo(REMOTE);
                assertThat(packets.get(i).extensionInt(8)).isEqualTo(KEY);
                assertThat(packets.get(i).extensionInt(12)).isEqualTo(lengths[i]);
            }
        }
        assertThat(packets.get(5).extensionInt(16)).isEqualTo(9);
        assertThat(packets.get(7).extensionInt(0)).isEqualTo(9);
        assertThat(packets).filteredOn(WirePacket::isSolicited).containsExactly(packets.get(7));
    }

    @Test
    @DisplayName("§6.4(1) a read is one packet, takes the numbers of its responses, and is done with the last of them")
    void readsTakeTheNumbersOfTheirResponses() {
        WireEnd end = connected();
        end.post(end.request(1, 0, 600).read(REMOTE, KEY));
        end.post(end.request(2, 1000, 0).read(REMOTE, KEY));
        end.post(end.request(3, 2000, 8));
        List<WirePacket> packets = wire.takeAll();
        assertThat(words(packets)).containsExactly("0c 0 0 A", "0c 3 0 A", "04 4 8 A");
        assertThat(packets.get(0).extensionLong(0)).isEqualTo(REMOTE);
        assertThat(packets.get(0).extensionInt(8)).isEqualTo(KEY);
        assertThat(packets.get(0).extensionInt(12)).isEqualTo(600);
        byte[] data = new byte[600];
        Arrays.fill(data, (byte) 5);
        deliver(data(READ_RESPONSE_FIRST, 0, Arrays.copyOf(data, 256)));
        deliver(data(READ_RESPONSE_MIDDLE, 1, Arrays.copyOf(data, 256)));
        assertThat(end.sent()).isEmpty();
        deliver(data(READ_RESPONSE_LAST, 2, Arrays.copyOf(data, 88)));
        assertThat(end.sent()).containsExactly("1 SUCCESS");
        assertThat(end.bytes(0, 601)).isEqualTo(Arrays.copyOf(data, 601));
        deliver(data(READ_RESPONSE_ONLY, 3, new byte[0]), ack(4));
        assertThat(end.sent()).containsExactly("2 SUCCESS", "3 SUCCESS");
    }

    @Test
    @DisplayName("§6.3 atomics carry their operands, and bring the old value")
    void atomicsBringTheOldValue() {
        WireEnd end = connected();
        end.post(end.request(1, 0, 8).compareAndSwap(REMOTE, KEY, 11, 22));
        end.post(end.request(2, 8, 8).fetchAndAdd(REMOTE, KEY, 33));
        List<WirePacket> packets = wire.takeAll();
        assertThat(words(packets)).containsExactly("13 0 0 A", "14 1 0 A");
        assertThat(packets.get(0).extensionLong(0)).isEqualTo(REMOTE);
        assertThat(packets.get(0).extensionInt(8)).isEqualTo(KEY);
        assertThat(packets.get(0).extensionLong(12)).as("swap").isEqualTo(22);
        assertThat(packets.get(0).extensionLong(20)).as("compare").isEqualTo(11);
        assertThat(packets.get(1).extensionLong(12)).as("add").isEqualTo(33);
        deliver(atomicResult(0, 0x0102030405060708L), atomicResult(1, 2));
        assertThat(end.sent()).containsExactly("1 SUCCESS", "2 SUCCESS");
        assertThat(end.memory.buffer().order(java.nio.ByteOrder.nativeOrder()).getLong(0))
                .isEqualTo(0x0102030405060708L);
        assertThat(end.memory.buffer().getLong(8)).isEqualTo(2);
    }

    @Test
    @DisplayName("§6.3 flushes and atomic writes are answered by a read response without data")
    void flushesAndAtomicWrites() {
        WireEnd end = connected();
        byte[] word = end.fill(0, 8, 1);
        end.post(new SendRequest()
                .wrId(1)
                .flush(REMOTE, KEY, 100, FlushPlacement.GLOBAL, FlushLevel.REGION)
                .flags(SendFlags.SIGNALED));
        end.post(end.request(2, 0, 8).atomicWrite(REMOTE, KEY));
        end.post(end.request(3, 0, 8).atomicWrite(REMOTE, KEY).flags(SendFlags.SIGNALED | SendFlags.INLINE));
        List<WirePacket> packets = wire.takeAll();
        assertThat(words(packets)).containsExactly("1c 0 0 A", "1d 1 8 A", "1d 2 8 A");
        assertThat(packets.get(0).extensionInt(0))
                .as("selectivity and placement")
                .isEqualTo(FlushLevel.REGION.value() << 4 | FlushPlacement.GLOBAL);
        assertThat(packets.get(0).extensionLong(4)).isEqualTo(REMOTE);
        assertThat(packets.get(0).extensionInt(16)).isEqualTo(100);
        assertThat(packets.get(1).payload()).isEqualTo(word);
        assertThat(packets.get(2).payload()).isEqualTo(word);
        assertThat(packets.get(2).extensionInt(12)).isEqualTo(8);
        deliver(data(READ_RESPONSE_ONLY, 0, new byte[0]), data(READ_RESPONSE_ONLY, 1, new byte[0]));
        deliver(data(READ_RESPONSE_ONLY, 2, new byte[0]));
        assertThat(end.sent()).containsExactly("1 SUCCESS", "2 SUCCESS", "3 SUCCESS");
    }

    @Test
    @DisplayName("§6.4(8) on UC nothing asks for an acknowledgement, and all is done when it is sent")
    void unreliableConnectionsAskForNothing() {
        shape.type = QueuePairType.UC;
        WireEnd end = connected();
        end.post(end.request(1, 0, 600));
        end.post(end.request(2, 0, 1).write(REMOTE, KEY));
        assertThat(end.sent()).containsExactly("1 SUCCESS", "2 SUCCESS");
        assertThat(sent()).containsExactly("20 0 256", "21 1 256", "22 2 88", "2a 3 1");
        deliver(ack(3));
        assertThat(node.count(PacketCounter.DROPPED_UNKNOWN_QUEUE_PAIR)).isEqualTo(1);
        deliver(answer(CNP, 3, 0, new byte[16]));
        assertThat(node.count(PacketCounter.RECEIVED_CNP)).isEqualTo(1);
    }

    @Test
    @DisplayName("§6.4(1) the numbers go on behind the last of 24 bits")
    void numbersWrap() {
        shape.psn = 0xFFFFFE;
        WireEnd end = connected();
        end.post(end.request(1, 0, 1000));
        List<WirePacket> packets = wire.takeAll();
        assertThat(packets).extracting(WirePacket::psn).containsExactly(0xFFFFFE, 0xFFFFFF, 0, 1);
        deliver(ack(1));
        assertThat(end.sent()).isEmpty();
        deliver(ack(3));
        assertThat(end.sent()).containsExactly("1 SUCCESS");
    }
}
