package org.rddma.verbs.app;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rddma.verbs.Context;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.VerbsException;

/**
 * A queue pair as its peer sees it, with the memory that is offered along with it: what two programs exchange to connect.
 * Immutable, and safe for use by several threads.
 *
 * @param type of the queue pair
 * @param endpoint where it is
 * @param mtu the largest payload of a packet that its port carries
 * @param initiatedReads how many reads and atomics it can have under way
 * @param acceptedReads how many reads and atomics of its peer it can serve at a time
 * @param memory what the peer may use, in an order that both programs know
 */
public record RemoteEndpoint(
        QueuePairType type,
        Endpoint endpoint,
        Mtu mtu,
        int initiatedReads,
        int acceptedReads,
        List<RemoteMemory> memory) {
    /**
     * Checks and copies.
     *
     * @throws IllegalArgumentException when something is null, the queue pair's number or packet sequence number has
     *     more than 24 bits, or a count is negative
     */
    public RemoteEndpoint {
        if (type == null || endpoint == null || endpoint.gid() == null || mtu == null || memory == null) {
            throw new IllegalArgumentException("nothing of an endpoint may be null");
        }
        if (endpoint.queuePair() >>> 24 != 0 || endpoint.psn() >>> 24 != 0) {
            throw new IllegalArgumentException("a queue pair's number and its packet sequence number have 24 bits, not "
                    + Integer.toHexString(endpoint.queuePair()) + " and " + Integer.toHexString(endpoint.psn()));
        }
        if (initiatedReads < 0 || acceptedReads < 0) {
            throw new IllegalArgumentException("reads are 0 or more, not " + initiatedReads + " and " + acceptedReads);
        }
        memory = List.copyOf(memory);
    }

    /**
     * What a queue pair is to its peer.
     *
     * @param queuePair any
     * @param options which port and GID it uses
     * @param offered what the peer may use of the own memory, by the rights of the regions
     * @return what to tell the peer
     * @throws VerbsException EINVAL when something is null; as {@link Context#queryGid} and {@link Context#queryPort}
     */
    public static RemoteEndpoint of(QueuePair queuePair, PeerExchangeOptions options, MemoryRegion... offered) {
        if (queuePair == null || options == null || offered == null) {
            throw new VerbsException(
                    "RemoteEndpoint.of", Errno.EINVAL, "the queue pair, the options or the memory are null");
        }
        List<RemoteMemory> memory = new ArrayList<>();
        Arrays.asList(offered).forEach(region -> memory.add(RemoteMemory.of(region)));
        Context context = queuePair.protectionDomain().context();
        DeviceLimits limits = context.device().attributes().limits();
        return new RemoteEndpoint(
                queuePair.type(),
                Endpoint.of(queuePair, options.devicePort(), options.gidIndex()),
                context.queryPort(options.devicePort()).activeMtu(),
                limits.maxQueuePairInitiatedReadAtomics(),
                limits.maxQueuePairReadAtomics(),
                memory);
    }

    /** Whether two queue pairs of these types can be connected to each other. */
    boolean fits(RemoteEndpoint other) {
        return switch (type) {
            case XRC_SEND -> other.type == QueuePairType.XRC_RECV;
            case XRC_RECV -> other.type == QueuePairType.XRC_SEND;
            default -> other.type == type;
        };
    }

    /** What this end may do when the other is as it says. */
    ConnectionTerms termsWith(RemoteEndpoint other, PeerExchangeOptions options) {
        return new ConnectionTerms(
                options.devicePort(),
                options.gidIndex(),
                mtu.compareTo(other.mtu) < 0 ? mtu : other.mtu,
                Math.min(initiatedReads, other.acceptedReads),
                Math.min(acceptedReads, other.initiatedReads));
    }
}
