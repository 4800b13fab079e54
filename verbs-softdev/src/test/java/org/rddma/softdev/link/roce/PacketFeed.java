package org.rddma.softdev.link.roce;

import java.nio.ByteBuffer;
import org.rddma.verbs.Gid;

/**
 * Feeds a port's queue pairs with packets as its socket does: through the same checks, the same dispatch and the same
 * rounds. Its counters are its own, so that they tell exactly what became of what it was fed.
 */
public final class PacketFeed implements AutoCloseable {
    private static final int ROUND = 32;
    private static final int MEMORY_BYTES = 1 << 16;

    private final Gid own;
    private final PacketPort port;
    private final PacketCounters counters = new PacketCounters();
    private final PacketDispatcher dispatcher;
    private final TransmitBatch answers;
    private final Icrc icrc = new Icrc();
    private final ReceivedPacket packet = new ReceivedPacket();
    private final ByteBuffer memory = ByteBuffer.allocateDirect(MEMORY_BYTES);
    private long handed;
    private int inRound;

    /** Feeds those that a directory has. */
    public PacketFeed(Gid own, PacketDirectory directory, PacketPort port) {
        this.own = own;
        this.port = port;
        answers = port.lend();
        PacketDirectory counted = new PacketDirectory() {
            @Override
            public PacketSink find(int number) {
                PacketSink found = directory.find(number);
                handed += found == null ? 0 : 1;
                return found;
            }

            @Override
            public PacketSink[] group(long gidHigh, long gidLow) {
                PacketSink[] members = directory.group(gidHigh, gidLow);
                handed += members.length > 0 ? 1 : 0;
                return members;
            }
        };
        dispatcher = new PacketDispatcher(own, counted, counters, answers, null);
        packet.memory = memory;
        packet.destinationGidHigh = own.high();
        packet.destinationGidLow = own.low();
    }

    /** Where a packet is written, from the beginning; big-endian. */
    public ByteBuffer memory() {
        return memory;
    }

    /** Puts the right check sum behind the packet, or one that is wrong whatever the identification. */
    public void seal(int bytes, Gid source, int sourcePort, boolean right) {
        from(source, sourcePort);
        int sum = icrc.of(memory, 0, bytes, source.high(), source.low(), own.high(), own.low(), sourcePort);
        memory.putInt(bytes, sum);
        packet.length = bytes;
        while (!right && icrc.identification(packet) != Icrc.WRONG) {
            memory.putInt(bytes, memory.getInt(bytes) * 31 + 1);
        }
    }

    private void from(Gid source, int sourcePort) {
        packet.sourceGidHigh = source.high();
        packet.sourceGidLow = source.low();
        packet.sourcePort = sourcePort;
    }

    /** A datagram has come. */
    public void feed(int udpPayloadLength, Gid source, int sourcePort, int trafficClass) {
        from(source, sourcePort);
        packet.mark(trafficClass, 64);
        dispatcher.accept(packet, udpPayloadLength);
        if (++inRound == ROUND) {
            endRound();
        }
    }

    /** All that were there have been fed. */
    public void endRound() {
        inRound = 0;
        boolean unused = dispatcher.endRound();
    }

    /** How many came to a queue pair. */
    public long handed() {
        return handed;
    }

    /** What became of the others. */
    public PacketCounters counters() {
        return counters;
    }

    /** How many of all that were fed are accounted for. */
    public long accounted() {
        long sum = handed;
        for (PacketCounter counter : PacketCounter.values()) {
            sum += counter.name().startsWith("DROPPED") ? counters.value(counter) : 0;
        }
        return sum;
    }

    @Override
    public void close() {
        port.giveBack(answers);
    }
}
