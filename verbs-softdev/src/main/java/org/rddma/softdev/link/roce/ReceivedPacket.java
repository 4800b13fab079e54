package org.rddma.softdev.link.roce;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;

/**
 * A packet that has come, whose headers are whole: the operation is known, and the lengths fit it. Reused by the thread
 * that receives; valid only during the call that it is given to.
 */
public final class ReceivedPacket {
    /** Big-endian. */
    ByteBuffer memory;

    /** Where the base transport header is. */
    int start;

    /** From the base transport header to the end of the padding; the check sum is behind it. */
    int length;

    long sourceGidHigh;
    long sourceGidLow;
    long destinationGidHigh;
    long destinationGidLow;
    int sourcePort;
    int trafficClass;
    int hopLimit;

    /** Whether the network marked it: congestion. */
    boolean congested;

    /** The IPv4 header's identification as far as it is known; 0 otherwise. */
    int identification;

    private static final int CONGESTION = 3; // both bits of explicit congestion notification

    ReceivedPacket() {}

    /** What its Internet header says besides addresses. */
    void mark(int itsTrafficClass, int itsHopLimit) {
        trafficClass = itsTrafficClass;
        hopLimit = itsHopLimit;
        congested = (itsTrafficClass & CONGESTION) == CONGESTION;
    }

    /** Came as another one did: all but its bytes is the same. */
    void takeAddresses(ReceivedPacket other) {
        sourceGidHigh = other.sourceGidHigh;
        sourceGidLow = other.sourceGidLow;
        destinationGidHigh = other.destinationGidHigh;
        destinationGidLow = other.destinationGidLow;
        sourcePort = other.sourcePort;
        mark(other.trafficClass, other.hopLimit);
    }

    /**
     * The memory that it is in.
     *
     * @return big-endian, direct
     */
    public ByteBuffer memory() {
        return memory;
    }

    /**
     * What it asks for.
     *
     * @return one of {@link Opcodes}, with its transport service
     */
    public int opcode() {
        return memory.get(start) & 0xFF;
    }

    /**
     * Whether the receiver's completion is solicited.
     *
     * @return the bit
     */
    public boolean isSolicited() {
        return (memory.get(start + FLAGS) & SOLICITED) != 0;
    }

    /**
     * Whether an acknowledgement is asked for.
     *
     * @return the bit
     */
    public boolean asksForAck() {
        return memory.getInt(start + PSN) < 0;
    }

    /**
     * Its sequence number.
     *
     * @return 24 bits
     */
    public int psn() {
        return memory.getInt(start + PSN) & MASK_24;
    }

    /**
     * Where it goes.
     *
     * @return queue pair number
     */
    public int destinationQueuePair() {
        return memory.getInt(start + DESTINATION) & MASK_24;
    }

    /**
     * Where a header behind the base transport header is.
     *
     * @return offset into the memory
     */
    public int extension() {
        return start + BTH_BYTES;
    }

    /**
     * Where the data is.
     *
     * @return offset into the memory
     */
    public int payload() {
        return start + Opcodes.headerBytes(opcode());
    }

    /**
     * How much data there is.
     *
     * @return bytes without padding; not negative
     */
    public int payloadBytes() {
        int pad = (memory.get(start + FLAGS) & PAD) >>> PAD_SHIFT;
        return length - Opcodes.headerBytes(opcode()) - pad;
    }

    /**
     * From where it comes.
     *
     * @return first half of the GID
     */
    public long sourceGidHigh() {
        return sourceGidHigh;
    }

    /**
     * From where it comes.
     *
     * @return second half of the GID
     */
    public long sourceGidLow() {
        return sourceGidLow;
    }

    /**
     * Where it goes.
     *
     * @return first half of the GID: the port's, or a group's
     */
    public long destinationGidHigh() {
        return destinationGidHigh;
    }

    /**
     * Where it goes.
     *
     * @return second half of the GID: the port's, or a group's
     */
    public long destinationGidLow() {
        return destinationGidLow;
    }

    /**
     * Of the Internet header.
     *
     * @return 8 bits
     */
    public int trafficClass() {
        return trafficClass;
    }

    /**
     * Of the Internet header.
     *
     * @return 8 bits
     */
    public int hopLimit() {
        return hopLimit;
    }

    /**
     * Of the IPv4 header, as its check sum shows it.
     *
     * @return 16 bits; 0 where there is none, or it is not known
     */
    public int identification() {
        return identification;
    }

    /**
     * Whether it met congestion on its way.
     *
     * @return true when the network marked it
     */
    public boolean isCongested() {
        return congested;
    }
}
