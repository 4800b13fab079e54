package org.rddma.softdev.engine;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.rddma.softdev.SoftDeviceOptions;
import org.rddma.softdev.SoftFabric;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.Path;
import org.rddma.verbs.Context;
import org.rddma.verbs.Gid;

/** One engine, connected to a peer that the test plays, packet by packet. */
abstract class WireTest {
    static final int NUMBER = 0x11;
    static final int PEER = 0x22;

    final PacketWire wire = new PacketWire();
    final PacketWire.Node node = wire.node(new Gid(0, 1));
    final PacketWire.Node peer = wire.node(new Gid(0, 2));
    final WireEnd.Shape shape = new WireEnd.Shape();
    final List<WireEnd> ends = new ArrayList<>();
    Context context;

    @BeforeEach
    void openContext() {
        context = new SoftFabric().addDevice("wire0", SoftDeviceOptions.DEFAULT).open();
    }

    @AfterEach
    void closeContext() {
        ends.forEach(WireEnd::close);
        context.close();
    }

    /** An end as the shape says, in RESET. */
    WireEnd end(PacketWire.Node at, int number) {
        WireEnd end = new WireEnd(context, wire, at, number, shape);
        ends.add(end);
        return end;
    }

    /** An end as the shape says, in RTS, connected to the test. */
    WireEnd connected() {
        WireEnd end = end(node, NUMBER);
        end.connectTo(peer, PEER);
        return end;
    }

    /** A sequence number that comes so many after the first. */
    int psn(int index) {
        return shape.psn + index & MASK_24;
    }

    // ---- what the peer answers

    /** An answer without data. */
    WirePacket answer(int index, int syndrome) {
        return answer(Opcodes.ACKNOWLEDGE, index, syndrome, new byte[0]);
    }

    WirePacket ack(int index) {
        return answer(index, SYNDROME_ACK | UNLIMITED_CREDITS);
    }

    WirePacket atomicResult(int index, long value) {
        byte[] word = ByteBuffer.allocate(Long.BYTES).putLong(value).array();
        return answer(Opcodes.ATOMIC_ACKNOWLEDGE, index, UNLIMITED_CREDITS, word);
    }

    WirePacket data(int opcode, int index, byte[] data) {
        return answer(opcode, index, UNLIMITED_CREDITS, data);
    }

    WirePacket answer(int opcode, int index, int syndrome, byte[] rest) {
        boolean hasSyndrome = opcode != Opcodes.READ_RESPONSE_MIDDLE && opcode != Opcodes.CNP;
        int pad = -rest.length & 3;
        ByteBuffer bytes = ByteBuffer.allocate(BTH_BYTES + (hasSyndrome ? AETH_BYTES : 0) + rest.length + pad);
        bytes.put((byte) opcode).put((byte) (pad << PAD_SHIFT)).putShort((short) 0xFFFF);
        bytes.putInt(NUMBER).putInt(psn(index));
        if (hasSyndrome) {
            bytes.putInt(syndrome << 24 | 1);
        }
        bytes.put(rest);
        return new WirePacket(peer.gid, new Path(node.gid.high(), node.gid.low(), 0, 0, 0xC000), bytes.array());
    }

    /** Hands packets to the engine, in one round. */
    void deliver(WirePacket... packets) {
        boolean unused = wire.deliver(List.of(packets));
    }

    // ---- what the engine sent

    /** The packets that wait to be delivered, as operation, number from the first, bytes, and A when it asks. */
    List<String> sent() {
        return words(wire.takeAll());
    }

    List<String> words(List<WirePacket> packets) {
        List<String> words = new ArrayList<>();
        for (WirePacket packet : packets) {
            words.add(String.format(
                    "%02x %d %d%s",
                    packet.opcode(),
                    distance(packet.psn(), shape.psn),
                    packet.payload().length,
                    packet.asksForAck() ? " A" : ""));
        }
        return words;
    }
}
