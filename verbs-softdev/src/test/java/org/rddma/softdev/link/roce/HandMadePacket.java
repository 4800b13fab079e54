package org.rddma.softdev.link.roce;

import java.nio.ByteBuffer;
import org.rddma.verbs.Gid;

/** Packets that no socket has received. */
public final class HandMadePacket {
    private HandMadePacket() {}

    /**
     * A packet whose headers are whole.
     *
     * @param memory big-endian, direct
     * @param start of its base transport header
     * @param length from there to the end of the padding
     * @param source from where
     * @param destination to where
     */
    public static ReceivedPacket of(ByteBuffer memory, int start, int length, Gid source, Gid destination) {
        return of(memory, start, length, source, destination, false);
    }

    /** The same, whose IPv4 header has an identification. */
    public static ReceivedPacket identified(ReceivedPacket packet, int identification) {
        packet.identification = identification;
        return packet;
    }

    /** A packet that may have met congestion. */
    public static ReceivedPacket of(
            ByteBuffer memory, int start, int length, Gid source, Gid destination, boolean congested) {
        ReceivedPacket packet = new ReceivedPacket();
        packet.memory = memory;
        packet.start = start;
        packet.length = length;
        packet.sourceGidHigh = source.high();
        packet.sourceGidLow = source.low();
        packet.destinationGidHigh = destination.high();
        packet.destinationGidLow = destination.low();
        packet.hopLimit = 64;
        packet.congested = congested;
        return packet;
    }
}
