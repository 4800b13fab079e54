package org.rddma.softdev.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.rddma.verbs.WorkRequestOpcode;

/**
 * The 40 bytes that a datagram's receive begins with: the IPv6 header that RoCE version 2 would put before it.
 *
 * <pre>
 *    0                                    4                6             7           8            24
 *    | 6 (4) traffic class (8) flow (20) | payload length | 17 for UDP | hop limit | source GID | destination GID |
 * </pre>
 */
final class GlobalRoutingHeader {
    static final int BYTES = 40;

    private static final int UDP = 17;
    /** UDP, base transport and datagram headers, and the check sum behind the data. */
    private static final int OVERHEAD = 8 + 12 + 8 + 4;

    private static final int IMMEDIATE = 4;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.BIG_ENDIAN);
    private final Segments segments = new Segments(1);

    GlobalRoutingHeader() {
        segments.add(memory, 0, BYTES);
    }

    void set(Request request) {
        boolean immediate = request.opcode == WorkRequestOpcode.SEND_WITH_IMM.value();
        int padded = (int) request.payload.total() + 3 & -4;
        memory.putInt(0, 6 << 28 | request.trafficClass << 20 | request.flowLabel);
        memory.putShort(4, (short) (OVERHEAD + padded + (immediate ? IMMEDIATE : 0)));
        memory.put(6, (byte) UDP);
        memory.put(7, (byte) request.hopLimit);
        memory.putLong(8, request.sourceGidHigh);
        memory.putLong(16, request.sourceGidLow);
        memory.putLong(24, request.destinationGidHigh);
        memory.putLong(32, request.destinationGidLow);
    }

    Segments segments() {
        return segments;
    }
}
