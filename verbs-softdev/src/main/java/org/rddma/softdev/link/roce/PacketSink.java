package org.rddma.softdev.link.roce;

/** Who takes the packets of a queue pair: called by the one thread that receives for its port. */
public interface PacketSink {
    /**
     * A packet has come.
     *
     * @param packet valid during the call
     * @param answers where answers are put; sent when it is full (by whoever finds it so), and at the end of the round
     */
    void receive(ReceivedPacket packet, TransmitBatch answers);

    /**
     * All packets that were there have been handed out: answers that were put off are due now. Called for those sinks
     * only that took a packet in this round, or that wanted to be called again.
     *
     * @param answers as before
     * @return true to be called again after the next round, because there is more to send
     */
    boolean endRound(TransmitBatch answers);
}
