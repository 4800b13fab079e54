package org.rddma.softdev.link.roce;

import org.rddma.verbs.Gid;

/**
 * Hands packets that have come to their queue pairs, or drops and counts them. For the thread that receives.
 *
 * <p>A round: {@link #accept} for each packet that is there, then {@link #endRound}, which lets those queue pairs
 * answer that took one. A queue pair that has more to answer than it may in one round is called again after each of
 * the next, so that none keeps the others waiting.
 */
final class PacketDispatcher {
    private final Gid own;
    private final PacketDirectory directory;
    private final PacketCounters counters;
    private final TransmitBatch answers;
    private final PacketCapture capture; // null for none
    private final Icrc icrc = new Icrc();

    private SinkSet touched = new SinkSet();
    private SinkSet next = new SinkSet();

    PacketDispatcher(
            Gid own, PacketDirectory directory, PacketCounters counters, TransmitBatch answers, PacketCapture capture) {
        this.own = own;
        this.directory = directory;
        this.counters = counters;
        this.answers = answers;
        this.capture = capture;
    }

    /**
     * Takes a packet.
     *
     * @param packet everything but its length and identification is set
     * @param udpPayloadLength with the check sum; may be longer than the memory, which is not read then
     */
    void accept(ReceivedPacket packet, int udpPayloadLength) {
        counters.count(PacketCounter.RECEIVED_PACKETS);
        PacketCounter wrong = check(packet, udpPayloadLength);
        if (capture != null) {
            capture.received(packet, Math.min(udpPayloadLength, PacketCheck.MOST_BYTES));
        }
        if (wrong != null) {
            counters.count(wrong);
            return;
        }
        if (packet.destinationQueuePair() == PacketFormat.MULTICAST) {
            deliverToGroup(packet);
        } else {
            deliver(packet);
        }
    }

    private PacketCounter check(ReceivedPacket packet, int udpPayloadLength) {
        packet.identification = 0;
        PacketCounter wrong = PacketCheck.check(packet.memory, packet.start, udpPayloadLength);
        if (wrong != null) {
            return wrong;
        }
        packet.length = udpPayloadLength - PacketFormat.ICRC_BYTES;
        int identification = icrc.identification(packet);
        if (identification == Icrc.WRONG) {
            return PacketCounter.DROPPED_ICRC;
        }
        packet.identification = identification;
        return null;
    }

    private void deliver(ReceivedPacket packet) {
        boolean here = packet.destinationGidLow == own.low() && packet.destinationGidHigh == own.high();
        PacketSink sink = here ? directory.find(packet.destinationQueuePair()) : null;
        if (sink == null) {
            counters.count(PacketCounter.DROPPED_UNKNOWN_QUEUE_PAIR);
            return;
        }
        handOver(sink, packet);
    }

    private void deliverToGroup(ReceivedPacket packet) {
        PacketSink[] members = directory.group(packet.destinationGidHigh, packet.destinationGidLow);
        if (members.length == 0) {
            counters.count(PacketCounter.DROPPED_UNKNOWN_QUEUE_PAIR);
        }
        for (PacketSink member : members) {
            handOver(member, packet);
        }
    }

    private void handOver(PacketSink sink, ReceivedPacket packet) {
        try {
            sink.receive(packet, answers);
        } catch (RuntimeException | Error e) { // one queue pair's fault is not to silence all others
            report(e);
        }
        touched.add(sink);
    }

    /**
     * Lets the queue pairs answer, and sends their answers.
     *
     * @return true when some have more to answer
     */
    boolean endRound() {
        SinkSet ending = touched;
        touched = next;
        next = ending;
        for (int i = 0; i < ending.size(); i++) {
            PacketSink sink = ending.get(i);
            try {
                if (sink.endRound(answers)) {
                    touched.add(sink);
                }
            } catch (RuntimeException | Error e) {
                report(e);
            }
        }
        ending.clear();
        answers.send();
        return touched.size() > 0;
    }

    /** Tells whoever is told of what threads fail with; this thread goes on, for others need it. */
    static void report(Throwable thrown) {
        Thread thread = Thread.currentThread();
        try {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
        } catch (RuntimeException | Error e) {
            if (!e.equals(thrown)) {
                thrown.addSuppressed(e); // nobody is left to be told
            }
        }
    }
}
