package org.rddma.verbs;

/**
 * The way to a peer ({@code struct ibv_ah_attr} with its global route).
 *
 * @param destination GID of the peer's port
 * @param sourceGidIndex which entry of the own port's GID table to send from
 * @param hopLimit 0 to 255
 * @param trafficClass 0 to 255
 * @param flowLabel 0 to 2^20-1
 * @param serviceLevel 0 to 15
 * @param port own port, from 1
 */
public record AddressVector(
        Gid destination,
        int sourceGidIndex,
        int hopLimit,
        int trafficClass,
        int flowLabel,
        int serviceLevel,
        int port) {
    /**
     * The plain way: from port 1, GID 0, with hop limit 64.
     *
     * @param destination GID of the peer's port
     * @return the vector
     */
    public static AddressVector to(Gid destination) {
        return new AddressVector(destination, 0, 64, 0, 0, 0, 1);
    }

    /**
     * The UDP source port that stands for a flow label on RoCE version 2 ({@code ibv_flow_label_to_udp_sport}).
     *
     * @param flowLabel 20 bits
     * @return 0xC000 to 0xFFFF
     */
    public static int udpSourcePort(int flowLabel) {
        return (flowLabel & 0x3FFF ^ flowLabel >>> 14 & 0x3F) | 0xC000;
    }
}
