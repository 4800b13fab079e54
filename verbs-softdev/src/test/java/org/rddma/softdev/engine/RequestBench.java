package org.rddma.softdev.engine;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.rddma.softdev.SoftDevice;
import org.rddma.softdev.link.roce.HandMadePacket;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.softdev.link.roce.Path;
import org.rddma.softdev.link.roce.TransmitBatch;
import org.rddma.verbs.Context;
import org.rddma.verbs.Gid;

/** A responder, and a peer that is not there: its requests are made by hand, and the answers to it are read. */
final class RequestBench implements AutoCloseable {
    static final int MTU = 256;
    static final int NUMBER = 0x22;
    static final int PEER = 0x33;
    static final Gid HERE = new Gid(0, 0xFFFF_0A00_0002L);
    static final Gid THERE = new Gid(0, 0xFFFF_0A00_0001L);

    final Context context = SoftDevice.open("soft0");
    final PacketWire wire = new PacketWire();
    final PacketWire.Node node = wire.node(HERE);
    final PacketWire.Node peer = wire.node(THERE);
    final WireEnd.Shape shape;
    final WireEnd end;

    RequestBench() {
        this(new WireEnd.Shape());
    }

    /** An end of the shape, which listens. */
    RequestBench(WireEnd.Shape shape) {
        this.shape = shape;
        end = new WireEnd(context, wire, node, NUMBER, shape);
        end.toInit();
        end.toReceive(peer, PEER);
    }

    static byte[] random(int bytes, long seed) {
        byte[] all = new byte[bytes];
        new Random(seed).nextBytes(all);
        return all;
    }

    // ---- packets

    /** Headers and payload behind the base transport header. */
    WirePacket packet(int opcode, int number, byte[] extension, byte[] payload) {
        int bytes = BTH_BYTES + extension.length + payload.length;
        int pad = -bytes & 3;
        ByteBuffer all = ByteBuffer.allocate(bytes + pad);
        all.put((byte) opcode).put((byte) (pad << PAD_SHIFT)).putShort((short) 0xFFFF);
        all.putInt(NUMBER).putInt(shape.psn + number & MASK_24);
        all.put(extension).put(payload);
        return new WirePacket(THERE, new Path(HERE.high(), HERE.low(), 0, 64, 0xC000), all.array());
    }

    WirePacket send(int opcode, int number, byte[] payload) {
        return packet(opcode, number, new byte[0], payload);
    }

    /** A send with immediate data, or of a key to be invalidated. */
    WirePacket send(int opcode, int number, int immediate, byte[] payload) {
        return packet(opcode, number, ByteBuffer.allocate(4).putInt(immediate).array(), payload);
    }

    /** A write's first or only packet, or a read. */
    WirePacket remote(int opcode, int number, long address, int key, long length, byte[] payload) {
        return packet(opcode, number, bytes(reth(RETH_BYTES, address, key, length)), payload);
    }

    WirePacket writeOnlyImmediate(int number, long address, int key, int immediate, byte[] payload) {
        ByteBuffer extension = reth(RETH_BYTES + IMMEDIATE_BYTES, address, key, payload.length);
        extension.putInt(immediate);
        return packet(Opcodes.WRITE_ONLY_IMMEDIATE, number, bytes(extension), payload);
    }

    WirePacket read(int number, int offset, long length) {
        return remote(Opcodes.READ_REQUEST, number, end.address(offset), end.key(), length, new byte[0]);
    }

    WirePacket atomic(int opcode, int number, int offset, long operand, long compare) {
        ByteBuffer extension = ByteBuffer.allocate(ATOMIC_BYTES);
        extension
                .putLong(end.address(offset))
                .putInt(end.key())
                .putLong(operand)
                .putLong(compare);
        return packet(opcode, number, extension.array(), new byte[0]);
    }

    WirePacket atomicWrite(int number, int offset, byte[] value) {
        return remote(Opcodes.ATOMIC_WRITE, number, end.address(offset), end.key(), value.length, value);
    }

    WirePacket flush(int number, int kind, int offset, long length) {
        ByteBuffer extension = ByteBuffer.allocate(FETH_BYTES + RETH_BYTES).putInt(kind);
        extension.putLong(end.address(offset)).putInt(end.key()).putInt((int) length);
        return packet(Opcodes.FLUSH, number, extension.array(), new byte[0]);
    }

    WirePacket datagram(int opcode, int qkey, int source, byte[] more, byte[] payload) {
        ByteBuffer extension = ByteBuffer.allocate(DETH_BYTES + more.length);
        extension.putInt(qkey).putInt(source).put(more);
        return packet(opcode, 0, extension.array(), payload);
    }

    private static byte[] bytes(ByteBuffer written) {
        byte[] bytes = new byte[written.capacity()];
        ByteBuffer unused = written.get(0, bytes);
        return bytes;
    }

    private static ByteBuffer reth(int bytes, long address, int key, long length) {
        return ByteBuffer.allocate(bytes).putLong(address).putInt(key).putInt((int) length);
    }

    /** The same, asking for an acknowledgement. */
    static WirePacket ack(WirePacket packet) {
        byte[] bytes = packet.bytes().clone();
        bytes[PSN] |= (byte) 0x80;
        return new WirePacket(packet.source(), packet.path(), bytes);
    }

    /** The same, soliciting the receiver's completion. */
    static WirePacket solicited(WirePacket packet) {
        byte[] bytes = packet.bytes().clone();
        bytes[FLAGS] |= (byte) SOLICITED;
        return new WirePacket(packet.source(), packet.path(), bytes);
    }

    /** The same, from somebody else. */
    static WirePacket from(Gid source, WirePacket packet) {
        return new WirePacket(source, packet.path(), packet.bytes());
    }

    // ---- a round

    /** Delivers packets in one round, and gives the answers, until there are no more. */
    List<String> round(WirePacket... packets) {
        boolean more = wire.deliver(List.of(packets));
        List<WirePacket> answers = new ArrayList<>(wire.takeAll());
        while (more) {
            more = wire.deliver(List.of());
            answers.addAll(wire.takeAll());
        }
        return answers.stream().map(this::inWords).toList();
    }

    /** Delivers packets without ending the round. */
    void begin(boolean congested, WirePacket... packets) {
        TransmitBatch batch = node.lend();
        for (WirePacket packet : packets) {
            ByteBuffer memory = ByteBuffer.allocateDirect(packet.bytes().length).order(ByteOrder.BIG_ENDIAN);
            memory.put(0, packet.bytes());
            int bytes = packet.bytes().length;
            end.engine.receive(HandMadePacket.of(memory, 0, bytes, packet.source(), HERE, congested), batch);
        }
        node.giveBack(batch);
    }

    List<String> answers() {
        return wire.takeAll().stream().map(this::inWords).toList();
    }

    /** Which answer, behind it the packet's number and how many messages were carried out. */
    String inWords(WirePacket answer) {
        if (answer.queuePair() != PEER || !answer.destination().equals(THERE) || answer.asksForAck()) {
            return "not to the peer: " + answer;
        }
        int number = distance(answer.psn(), shape.psn);
        int syndrome = answer.bytes().length > BTH_BYTES ? answer.extensionByte(0) : 0;
        String behind =
                " +" + number + " #" + (answer.bytes().length > BTH_BYTES ? answer.extensionInt(0) & MASK_24 : 0);
        int bytes = answer.payload().length;
        return switch (answer.opcode()) {
            case Opcodes.ACKNOWLEDGE ->
                switch (syndrome & SYNDROME_KIND) {
                    case SYNDROME_ACK -> (syndrome == UNLIMITED_CREDITS ? "ACK" : "credits " + syndrome) + behind;
                    case SYNDROME_RNR -> "RNR " + (syndrome & ~SYNDROME_KIND) + behind;
                    default -> "NAK " + Integer.toHexString(syndrome) + behind;
                };
            case Opcodes.ATOMIC_ACKNOWLEDGE -> "ATOMIC" + behind + " = " + answer.extensionLong(AETH_BYTES);
            case Opcodes.READ_RESPONSE_FIRST -> "FIRST" + behind + " " + bytes;
            case Opcodes.READ_RESPONSE_MIDDLE -> "MIDDLE +" + number + " " + bytes;
            case Opcodes.READ_RESPONSE_LAST -> "LAST" + behind + " " + bytes;
            case Opcodes.READ_RESPONSE_ONLY -> "ONLY" + behind + " " + bytes;
            case Opcodes.CNP -> "CNP " + (answer.bytes()[DESTINATION] & 0xFF) + " " + bytes;
            default -> "opcode " + answer.opcode();
        };
    }

    long count(PacketCounter counter) {
        return node.count(counter);
    }

    @Override
    public void close() {
        end.close();
        context.close();
    }
}
