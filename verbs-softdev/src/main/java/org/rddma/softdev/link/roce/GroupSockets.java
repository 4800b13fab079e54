package org.rddma.softdev.link.roce;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.UdpSocket;

/**
 * The sockets of multicast groups, one for each, bound to the group's address: so each tells where a packet went,
 * and what goes to other groups of this host is never seen. Others on the host may have the same group.
 *
 * <p>Anybody joins and leaves; only the thread that receives closes sockets, when it has taken over the change.
 */
final class GroupSockets {
    private static final long VERSION_4_GROUPS = 0xFFFF_E000_0000L; // 224.0.0.0/4
    private static final long VERSION_4_MASK = 0xFFFF_FFFF_F000_0000L;

    /** A group that somebody has joined. */
    static final class Group {
        final Gid gid;
        final UdpSocket socket;
        private int members = 1;

        Group(Gid gid, UdpSocket socket) {
            this.gid = gid;
            this.socket = socket;
        }
    }

    private final LocalAddress local;
    private final int bufferBytes;
    private final Map<Gid, Group> groups = new LinkedHashMap<>();
    private final List<UdpSocket> left = new ArrayList<>();
    private long droppedByClosed;
    private boolean closed;
    private volatile boolean changed;

    GroupSockets(LocalAddress local, int bufferBytes) {
        this.local = local;
        this.bufferBytes = bufferBytes;
    }

    private boolean isGroup(Gid gid) {
        return local.isVersion4()
                ? gid.high() == 0 && (gid.low() & VERSION_4_MASK) == VERSION_4_GROUPS
                : gid.high() >>> 56 == 0xFF;
    }

    synchronized void join(Gid gid, String verb) {
        if (!isGroup(gid)) {
            String range = local.isVersion4() ? "::ffff:224.0.0.0/100" : "ff00::/8";
            throw new VerbsException(
                    verb, Errno.EINVAL, gid + " is no group that " + local.text() + " can join: use one of " + range);
        }
        if (closed) {
            throw new VerbsException(verb, Errno.EBADF, "the port is closed");
        }
        Group known = groups.get(gid);
        if (known != null) {
            known.members++;
            return;
        }
        if (groups.size() == RocePort.MOST_GROUPS) {
            throw new VerbsException(
                    verb, Errno.ENOMEM, "a port has " + RocePort.MOST_GROUPS + " multicast groups at most: leave one");
        }
        groups.put(gid, new Group(gid, open(gid, verb)));
        changed = true;
    }

    private UdpSocket open(Gid gid, String verb) {
        int interfaceNumber = local.interfaceNumber();
        UdpSocket socket = UdpSocket.open(gid.high(), gid.low(), interfaceNumber, PacketFormat.UDP_PORT, true, verb);
        try {
            socket.setUpToReceive(bufferBytes);
            socket.join(gid.high(), gid.low(), interfaceNumber);
            return socket;
        } catch (RuntimeException | Error e) { // also without memory
            socket.close();
            throw e;
        }
    }

    synchronized void leave(Gid gid) {
        Group group = groups.get(gid);
        if (group == null || --group.members > 0) {
            return;
        }
        boolean unused = groups.remove(gid, group);
        group.socket.leave(gid.high(), gid.low(), local.interfaceNumber());
        left.add(group.socket);
        changed = true;
    }

    boolean haveChanged() {
        return changed;
    }

    /** The groups there are now; the caller uses no others any more. */
    synchronized Group[] takeOver() {
        changed = false;
        closeLeft();
        return groups.values().toArray(Group[]::new);
    }

    /** Closes all sockets; nobody is in a call on any. */
    synchronized void close() {
        closed = true;
        groups.values().forEach(group -> left.add(group.socket));
        groups.clear();
        closeLeft();
    }

    private void closeLeft() {
        for (UdpSocket socket : left) {
            droppedByClosed += socket.dropped();
            socket.close();
        }
        left.clear();
    }

    /** What the system has dropped of all groups. */
    synchronized long dropped() {
        long dropped = droppedByClosed;
        for (UdpSocket socket : left) {
            dropped += socket.dropped();
        }
        for (Group group : groups.values()) {
            dropped += group.socket.dropped();
        }
        return dropped;
    }
}
