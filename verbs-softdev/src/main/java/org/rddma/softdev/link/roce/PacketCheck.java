package org.rddma.softdev.link.roce;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;

/**
 * What a packet must be like, whatever it is for: then its headers are whole, and its lengths fit them. What a length
 * must be for the path's MTU and for the message that a packet belongs to is left to the queue pair, which answers.
 */
final class PacketCheck {
    /** More than this no packet may carry. */
    private static final int MOST_PAYLOAD = 4096;

    /** No packet is longer, whatever its headers; of a longer one nothing needs to be received but how long it is. */
    static final int MOST_BYTES = MOST_PAYLOAD + BTH_BYTES + ATOMIC_BYTES + ICRC_BYTES;

    private static final int WITHOUT_MEMBERSHIP = 0x7FFF;

    private PacketCheck() {}

    /**
     * Checks a datagram that came.
     *
     * @param memory big-endian, that it is in
     * @param start of it
     * @param udpPayloadLength how long it is, with the check sum; may be longer than the memory, which is not read then
     * @return null, or what counts a packet that is dropped for this
     */
    static PacketCounter check(ByteBuffer memory, int start, int udpPayloadLength) {
        if (udpPayloadLength > MOST_BYTES) {
            return PacketCounter.DROPPED_OVERSIZE;
        }
        if (udpPayloadLength < BTH_BYTES + ICRC_BYTES) {
            return PacketCounter.DROPPED_TRUNCATED;
        }
        int opcode = memory.get(start + OPCODE) & 0xFF;
        int flags = memory.get(start + FLAGS);
        if ((flags & VERSION) != 0 || !Opcodes.isKnown(opcode) || (udpPayloadLength & 3) != 0) {
            return PacketCounter.DROPPED_MALFORMED;
        }
        int pad = (flags & PAD) >>> PAD_SHIFT;
        int payload = udpPayloadLength - ICRC_BYTES - Opcodes.headerBytes(opcode) - pad;
        if (payload < 0) {
            return PacketCounter.DROPPED_TRUNCATED;
        }
        if (payload > MOST_PAYLOAD) {
            return PacketCounter.DROPPED_OVERSIZE;
        }
        if (payload + pad > 0 && !Opcodes.mayCarryPayload(opcode)) {
            return PacketCounter.DROPPED_MALFORMED;
        }
        return (memory.getShort(start + P_KEY) & WITHOUT_MEMBERSHIP) == WITHOUT_MEMBERSHIP
                ? null
                : PacketCounter.DROPPED_P_KEY;
    }
}
