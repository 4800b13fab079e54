package org.rddma.softdev.link.roce;

/**
 * The way of packets to a peer: what the Internet header says. Immutable.
 *
 * @param destinationGidHigh first half of the peer's GID
 * @param destinationGidLow second half of the peer's GID
 * @param trafficClass 0 to 255
 * @param hopLimit 0 to 255; 0 is sent as 64
 * @param sourcePort of UDP, 0xC000 to 0xFFFF, if the port can choose it
 */
public record Path(long destinationGidHigh, long destinationGidLow, int trafficClass, int hopLimit, int sourcePort) {
    private static final int FIRST_SOURCE_PORT = 0xC000;
    private static final int FLOW_MASK = 0xFFFFF;

    /**
     * The source port that a flow has, so that the packets of a connection take one way through the network.
     *
     * @param flowLabel of the address vector; 0 to make one from the queue pairs
     * @param own queue pair number
     * @param peer queue pair number
     * @return 0xC000 to 0xFFFF; the same from both ends
     */
    public static int sourcePort(int flowLabel, int own, int peer) {
        long flow = flowLabel & FLOW_MASK;
        if (flow == 0) {
            flow = (long) own * peer;
            flow ^= flow >>> 20;
            flow ^= flow >>> 40;
        }
        int label = (int) flow & FLOW_MASK;
        return (label & 0x3FFF ^ label >>> 14) | FIRST_SOURCE_PORT;
    }
}
