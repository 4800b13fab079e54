package org.rddma.softdev.link.roce;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;

/**
 * Packets on their way out: written here one behind the other, and sent together. For one thread at a time.
 *
 * <p>A packet: {@link #begin}, then its other headers and its payload into {@link #memory}, then {@link #end}.
 */
public abstract class TransmitBatch {
    /** Where packets are written; a port's own classes say how they leave. */
    protected TransmitBatch() {}

    /**
     * Where packets are written.
     *
     * @return big-endian, direct; of each packet there is room for the largest
     */
    public abstract ByteBuffer memory();

    /**
     * Whether there is no room for another packet: send it.
     *
     * @return true when {@link #begin} must not be called
     */
    public abstract boolean isFull();

    /**
     * How many packets wait to be sent.
     *
     * @return 0 or more
     */
    public abstract int packets();

    /**
     * Where the next packet goes.
     *
     * @return offset of its base transport header
     */
    protected abstract int next();

    /**
     * Begins a packet, with the default partition key.
     *
     * @param opcode with its transport service
     * @param solicited whether the receiver's completion is solicited
     * @param destinationQueuePair 24 bits
     * @param psn 24 bits
     * @param ackRequest whether an acknowledgement is asked for
     * @return offset of its base transport header; the other headers begin {@link PacketFormat#BTH_BYTES} behind it
     */
    public final int begin(int opcode, boolean solicited, int destinationQueuePair, int psn, boolean ackRequest) {
        int start = next();
        ByteBuffer memory = memory();
        memory.put(start + OPCODE, (byte) opcode);
        memory.put(start + FLAGS, (byte) (solicited ? SOLICITED : 0));
        memory.putShort(start + P_KEY, (short) 0xFFFF);
        memory.putInt(start + DESTINATION, destinationQueuePair & MASK_24);
        memory.putInt(start + PSN, psn & MASK_24 | (ackRequest ? ACK_REQUEST : 0));
        return start;
    }

    /**
     * Ends the packet that was begun: pads it, and adds the check sum.
     *
     * @param bytes from the base transport header to the end of the payload
     * @param path to its peer
     */
    public abstract void end(int bytes, Path path);

    /** Sends what is here. Waits while the system's own send buffer is full, but for no peer. */
    public abstract void send();
}
