package org.rddma.softdev.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.softdev.engine.RequestBench.*;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rddma.softdev.link.roce.HandMadePacket;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.softdev.link.roce.ReceivedPacket;
import org.rddma.verbs.Gid;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionFlags;

/** Datagrams as they are received. */
final class DatagramResponderTest {
    private static final int ONLY = Opcodes.UD | Opcodes.SEND_ONLY;
    private static final int IMMEDIATE = Opcodes.UD | Opcodes.SEND_ONLY_IMMEDIATE;
    private static final byte[] NOTHING = {};

    private final RequestBench bench = new RequestBench(shape());
    private final WireEnd end = bench.end;

    private static WireEnd.Shape shape() {
        WireEnd.Shape shape = new WireEnd.Shape();
        shape.type = QueuePairType.UD;
        return shape;
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void aDatagramArrivesBehindItsHeaderWithWhereItCameFrom() {
        byte[] data = random(101, 1);
        end.receive(1, 0, 400);
        bench.round(bench.datagram(IMMEDIATE, WireEnd.QKEY, 0xABCDEF, new byte[] {1, 2, 3, 4}, data));
        WorkCompletion completion = new WorkCompletion();
        assertThat(end.receives.poll(completion)).isTrue();
        assertThat(completion.byteLength()).isEqualTo(141);
        assertThat(completion.sourceQueuePair()).isEqualTo(0xABCDEF);
        assertThat(completion.immediate()).isEqualTo(0x01020304);
        assertThat(completion.flags()).isEqualTo(WorkCompletionFlags.GRH | WorkCompletionFlags.WITH_IMM);
        assertThat(end.bytes(40, 101)).isEqualTo(data);
        assertThat(bench.count(PacketCounter.RECEIVES)).isEqualTo(1);
    }

    @Test
    void theHeaderOfAnIpv4DatagramIsItsIpv4HeaderBehindTwentyZeros() {
        end.fill(0, 40, 2);
        end.receive(1, 0, 400);
        bench.round(bench.datagram(ONLY, WireEnd.QKEY, 5, NOTHING, new byte[3]));
        ByteBuffer header = ByteBuffer.wrap(end.bytes(0, 40));
        assertThat(end.bytes(0, 20)).isEqualTo(new byte[20]);
        assertThat(header.getShort(20)).isEqualTo((short) 0x4500);
        assertThat(header.getShort(22))
                .as("IP, UDP, transport, datagram, padded data, check sum")
                .isEqualTo((short) (20 + 8 + 12 + 8 + 4 + 4));
        assertThat(header.get(28)).isEqualTo((byte) 64);
        assertThat(header.get(29)).isEqualTo((byte) 17);
        assertThat(header.getInt(32)).isEqualTo(0x0A00_0001);
        assertThat(header.getInt(36)).isEqualTo(0x0A00_0002);
        int sum = 0;
        for (int i = 20; i < 40; i += 2) {
            sum += header.getShort(i) & 0xFFFF;
        }
        assertThat((sum & 0xFFFF) + (sum >>> 16)).as("the check sum is right").isEqualTo(0xFFFF);
    }

    @Test
    void theHeaderOfAnIpv6DatagramIsItsIpv6Header() {
        WirePacket packet = bench.datagram(ONLY, WireEnd.QKEY, 5, NOTHING, new byte[3]);
        ByteBuffer memory = ByteBuffer.allocateDirect(packet.bytes().length).put(0, packet.bytes());
        Gid source = new Gid(0xFD00L << 48, 1);
        Gid target = new Gid(0xFD00L << 48, 2);
        RoceRoutingHeader header = new RoceRoutingHeader();
        header.set(HandMadePacket.of(memory, 0, packet.bytes().length, source, target));
        ByteBuffer bytes = header.memory();
        assertThat(bytes.getInt(0)).isEqualTo(6 << 28);
        assertThat(bytes.getShort(4)).isEqualTo((short) (8 + 12 + 8 + 4 + 4));
        assertThat(bytes.getShort(6)).isEqualTo((short) (17 << 8 | 64));
        assertThat(bytes.getLong(8)).isEqualTo(source.high());
        assertThat(bytes.getLong(16)).isEqualTo(1);
        assertThat(bytes.getLong(24)).isEqualTo(target.high());
        assertThat(bytes.getLong(32)).isEqualTo(2);
        ReceivedPacket other = HandMadePacket.of(memory, 0, packet.bytes().length, THERE, HERE);
        header.set(HandMadePacket.identified(other, 0xABCD));
        assertThat(bytes.getInt(24)).isEqualTo(0xABCD_4000);
        assertThat(bytes.getLong(0) | bytes.getLong(8) | bytes.getInt(16))
                .as("nothing is left of it")
                .isZero();
    }

    @Test
    void anotherKeyIsDropped() {
        end.receive(1, 0, 400);
        bench.round(bench.datagram(ONLY, WireEnd.QKEY + 1, 5, NOTHING, new byte[3]));
        assertThat(end.received()).isEmpty();
        assertThat(bench.count(PacketCounter.DROPPED_Q_KEY)).isEqualTo(1);
    }

    @Test
    void whatDoesNotFitIsDroppedAndTakesNoReceive() {
        end.receive(1, 0, 43);
        byte[] before = end.bytes(0, 43);
        bench.round(bench.datagram(ONLY, WireEnd.QKEY, 5, NOTHING, new byte[4]));
        assertThat(end.bytes(0, 43)).isEqualTo(before);
        assertThat(bench.count(PacketCounter.DROPPED_NO_RECEIVE)).isEqualTo(1);
        bench.round(bench.datagram(ONLY, WireEnd.QKEY, 5, NOTHING, new byte[3]));
        assertThat(end.received()).containsExactly("1 SUCCESS");
        bench.round(bench.datagram(ONLY, WireEnd.QKEY, 5, NOTHING, NOTHING));
        assertThat(bench.count(PacketCounter.DROPPED_NO_RECEIVE)).isEqualTo(2);
    }

    @Test
    void moreThanThePortsMtuIsDropped() {
        end.receive(1, 0, 10_000);
        bench.round(bench.datagram(ONLY, WireEnd.QKEY, 5, NOTHING, new byte[4097]));
        assertThat(bench.count(PacketCounter.DROPPED_OVERSIZE)).isEqualTo(1);
        bench.round(bench.datagram(ONLY, WireEnd.QKEY, 5, NOTHING, new byte[4096]));
        assertThat(end.received()).containsExactly("1 SUCCESS");
    }

    @Test
    void datagramsComeInAnyOrderFromAnybodyAndMakeNoEvent() {
        end.receive(1, 0, 400);
        end.receive(2, 0, 400);
        WirePacket packet = bench.datagram(ONLY, WireEnd.QKEY, 5, NOTHING, Arrays.copyOf(new byte[1], 3));
        bench.round(packet);
        bench.round(from(new Gid(0, 0xFFFF_0A00_0077L), packet));
        assertThat(end.received()).containsExactly("1 SUCCESS", "2 SUCCESS");
        assertThat(end.events).isEmpty();
    }

    @Test
    void packetsOfConnectionsAreNotForIt() {
        end.receive(1, 0, 400);
        bench.round(bench.send(Opcodes.SEND_ONLY, 0, new byte[8]));
        assertThat(bench.count(PacketCounter.DROPPED_UNKNOWN_QUEUE_PAIR)).isEqualTo(1);
        end.to(QueuePairState.ERR);
        bench.round(bench.datagram(ONLY, WireEnd.QKEY, 5, NOTHING, new byte[3]));
        assertThat(bench.count(PacketCounter.DROPPED_STATE)).isEqualTo(1);
        assertThat(end.received()).containsExactly("1 WR_FLUSH_ERR");
    }
}
