package org.rddma.softdev.engine;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.Path;
import org.rddma.verbs.Gid;

/**
 * A packet on its way through a {@link PacketWire}.
 *
 * @param source from where
 * @param path to where
 * @param bytes from the base transport header to the end of the padding
 */
@SuppressWarnings("ArrayRecordComponent") // of one packet, which nobody compares
record WirePacket(Gid source, Path path, byte[] bytes) {
    private ByteBuffer memory() {
        return ByteBuffer.wrap(bytes);
    }

    Gid destination() {
        return new Gid(path.destinationGidHigh(), path.destinationGidLow());
    }

    int opcode() {
        return bytes[OPCODE] & 0xFF;
    }

    int psn() {
        return memory().getInt(PSN) & MASK_24;
    }

    boolean asksForAck() {
        return memory().getInt(PSN) < 0;
    }

    boolean isSolicited() {
        return (bytes[FLAGS] & SOLICITED) != 0;
    }

    int pad() {
        return (bytes[FLAGS] & PAD) >>> PAD_SHIFT;
    }

    int queuePair() {
        return memory().getInt(DESTINATION) & MASK_24;
    }

    /** A byte of the headers behind the base transport header. */
    int extensionByte(int offset) {
        return bytes[BTH_BYTES + offset] & 0xFF;
    }

    /** A word of the headers behind the base transport header. */
    int extensionInt(int offset) {
        return memory().getInt(BTH_BYTES + offset);
    }

    /** Two words of the headers behind the base transport header. */
    long extensionLong(int offset) {
        return memory().getLong(BTH_BYTES + offset);
    }

    /** The data, without padding. */
    byte[] payload() {
        return Arrays.copyOfRange(bytes, Opcodes.headerBytes(opcode()), bytes.length - pad());
    }

    @Override
    public String toString() {
        return String.format(
                "%02x psn %d%s %d bytes to %x",
                opcode(), psn(), asksForAck() ? " A" : "", payload().length, queuePair());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WirePacket that
                && source.equals(that.source)
                && path.equals(that.path)
                && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
