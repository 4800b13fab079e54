package org.rddma.softdev.link.roce;

import java.nio.ByteBuffer;

/**
 * Does to packets what a bad network does, before they are looked at. For the thread that receives; allocates
 * nothing once it is made.
 *
 * <p>Packets are numbered as they come, and as many decisions are drawn for each, whatever they are: so what
 * happens to a packet depends on the seed and its number alone. One that is late is kept as a copy until enough
 * others have come.
 */
final class FaultyWire {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final PacketFaults faults;
    private final PacketCounters counters;
    private final PacketDispatcher dispatcher;

    /** Copies; where nothing is, it has no memory. */
    private final ReceivedPacket[] kept;

    private final int[] lengths;
    private final long[] due;
    private final ByteBuffer memory;

    private long state;
    private long came;
    private int keptPackets;

    FaultyWire(PacketFaults faults, PacketCounters counters, PacketDispatcher dispatcher) {
        this.faults = faults;
        this.counters = counters;
        this.dispatcher = dispatcher;
        state = faults.seed();
        int most = 2 * (faults.maxDelayPackets() + 1); // of each of the last ones, the packet and its double
        kept = new ReceivedPacket[most];
        lengths = new int[most];
        due = new long[most];
        memory = ByteBuffer.allocateDirect(most * SocketBatch.SLOT_BYTES);
        for (int i = 0; i < most; i++) {
            kept[i] = new ReceivedPacket();
            kept[i].start = i * SocketBatch.SLOT_BYTES;
        }
    }

    /** Takes a packet as {@link PacketDispatcher#accept} does. */
    void accept(ReceivedPacket packet, int udpPayloadLength) {
        boolean lost = draw() < faults.loss();
        boolean twice = draw() < faults.duplication();
        boolean late = draw() < faults.reordering();
        int delay = 1 + (int) (draw() * faults.maxDelayPackets());
        int secondDelay = 1 + (int) (draw() * faults.maxDelayPackets());
        came++;
        if (lost) {
            counters.count(PacketCounter.RECEIVED_PACKETS);
            counters.count(PacketCounter.DROPPED_INJECTED);
        } else {
            if (late) {
                keep(packet, udpPayloadLength, delay);
            }
            if (twice) {
                keep(packet, udpPayloadLength, secondDelay);
            }
            if (!late) {
                dispatcher.accept(packet, udpPayloadLength);
            }
        }
        release(came);
    }

    private double draw() {
        state += GOLDEN;
        long mixed = (state ^ state >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return ((mixed ^ mixed >>> 31) >>> 11) * 0x1.0p-53;
    }

    private void keep(ReceivedPacket packet, int udpPayloadLength, int delay) {
        int free = 0;
        while (kept[free].memory != null) {
            free++;
        }
        ReceivedPacket copy = kept[free];
        copy.memory = memory;
        memory.put(copy.start, packet.memory, packet.start, Math.min(udpPayloadLength, SocketBatch.SLOT_BYTES));
        copy.takeAddresses(packet);
        lengths[free] = udpPayloadLength;
        due[free] = came + delay;
        keptPackets++;
    }

    /** Whether it has packets that are late. */
    boolean keepsPackets() {
        return keptPackets > 0;
    }

    /** Nothing has come for a while: what is late comes now. */
    void releaseAll() {
        release(Long.MAX_VALUE);
    }

    private void release(long now) {
        for (int i = 0; i < kept.length && keptPackets > 0; i++) {
            if (kept[i].memory != null && due[i] <= now) {
                keptPackets--;
                dispatcher.accept(kept[i], lengths[i]);
                kept[i].memory = null;
            }
        }
    }
}
