package org.rddma.softdev.link.roce;

import java.net.InetAddress;
import java.util.List;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.VerbsException;

/** A port on the Internet: sockets of one address, and one thread that receives. Safe for use by several threads. */
public final class RocePort implements PacketPort {
    private RocePort() {}

    /**
     * Opens a port: from now on packets are received.
     *
     * @param settings how
     * @param directory who takes packets
     * @param label the receive thread is called this and "receiver"
     * @return to be closed
     * @throws VerbsException EADDRINUSE when someone else has the address's UDP port 4791; EADDRNOTAVAIL when the address
     *     is none of this host; EINVAL for an address that cannot be a port's; ENOSYS where native calls cannot be made;
     *     and what else the system says
     */
    public static RocePort open(RoceSettings settings, PacketDirectory directory, String label) {
        throw new VerbsException("open", Errno.ENOSYS, "not yet");
    }

    /**
     * The MTU that a port of this address has: the largest whose packets fit the interface.
     *
     * @param address of this host
     * @return the largest whose bytes are no more than the interface's less 80 for headers
     * @throws VerbsException EADDRNOTAVAIL when the address is none of this host; EINVAL when the interface is too small
     */
    public static Mtu mtuOf(InetAddress address) {
        throw new VerbsException("mtuOf", Errno.ENOSYS, "not yet");
    }

    /**
     * Its GID.
     *
     * @return of the address: IPv4-mapped, or IPv6
     */
    public Gid gid() {
        return Gid.ZERO;
    }

    /**
     * Receives packets to a multicast group, too.
     *
     * @param gidHigh first half of the group's GID
     * @param gidLow second half of the group's GID: of IPv4-mapped 224.0.0.0/4, or of ff00::/8, as the port's own
     * @throws VerbsException EINVAL for another GID, ENOMEM for too many groups, and what else the system says
     */
    public void join(long gidHigh, long gidLow) {}

    /**
     * Receives packets to a multicast group no more, after as many calls as of {@link #join}.
     *
     * @param gidHigh first half of the group's GID
     * @param gidLow second half of the group's GID
     */
    public void leave(long gidHigh, long gidLow) {}

    /**
     * Its threads.
     *
     * @return one
     */
    public List<Thread> threads() {
        return List.of();
    }

    @Override
    public TransmitBatch lend() {
        return null;
    }

    @Override
    public void giveBack(TransmitBatch batch) {}

    @Override
    public int window(int mtu) {
        return 1;
    }

    @Override
    public PacketCounters counters() {
        return null;
    }

    /**
     * Ends the receive thread and closes the sockets: batches that are lent send nothing any more. The caller holds no
     * lock that a sink waits for. Only the first call counts.
     */
    public void close() {}
}
