package org.rddma.verbs;

/**
 * The sizes of a queue pair ({@code struct ibv_qp_cap}).
 *
 * @param maxSendRequests work requests in the send queue
 * @param maxReceiveRequests work requests in the receive queue
 * @param maxSendElements scatter/gather elements of one send
 * @param maxReceiveElements scatter/gather elements of one receive
 * @param maxInlineData bytes of inline data
 */
public record QueuePairCapabilities(
        int maxSendRequests, int maxReceiveRequests, int maxSendElements, int maxReceiveElements, int maxInlineData) {}
