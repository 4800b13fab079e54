package org.rddma.verbs;

/**
 * A second way to the peer of a connection ({@code alt_*} of {@code struct ibv_qp_attr}).
 *
 * @param addressVector the way
 * @param port the local port, from 1
 * @param pkeyIndex index into that port's P_Key table
 * @param timeout as {@link QueuePairAttributes#timeout(int)}
 */
public record AlternatePath(AddressVector addressVector, int port, int pkeyIndex, int timeout) {}
