package org.rddma.verbs;

/**
 * What a port is ({@code struct ibv_port_attr}, {@code ibv_query_port}).
 *
 * @param state whether it carries traffic
 * @param maxMtu largest packet payload that it could carry
 * @param activeMtu largest packet payload that it carries now
 * @param maxMessageSize bytes of one message
 * @param gidTableLength entries of the GID table, empty ones included
 * @param pkeyTableLength entries of the P_Key table
 * @param lid local identifier; 0 on Ethernet
 * @param linkLayer what the link is
 * @param activeWidth {@code ibv_port_attr.active_width}: 1 for 1X
 * @param activeSpeed {@code ibv_port_attr.active_speed}: 1 for 2.5 Gb/s a lane
 * @param physicalState {@code ibv_port_attr.phys_state}: 5 for link up
 */
public record PortAttributes(
        PortState state,
        Mtu maxMtu,
        Mtu activeMtu,
        long maxMessageSize,
        int gidTableLength,
        int pkeyTableLength,
        int lid,
        LinkLayer linkLayer,
        int activeWidth,
        int activeSpeed,
        int physicalState) {}
