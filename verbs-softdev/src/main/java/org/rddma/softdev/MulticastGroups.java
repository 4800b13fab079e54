package org.rddma.softdev;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rddma.softdev.engine.QueuePairEngine;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.VerbsException;

/** Which queue pairs of a fabric are attached to which group. Finding them takes no lock and makes no garbage. */
final class MulticastGroups {
    private static final QueuePairEngine[] NOBODY = {};

    private static final long FIRST_IPV4_GROUP = 0xFFFF_E000_0000L;

    private record Member(SoftDevice device, QueuePairEngine queuePair) {}

    private static final class Group {
        final Gid gid;
        final List<Member> members = new ArrayList<>();

        /** Those whose ports are up; never changed, but replaced. */
        volatile QueuePairEngine[] reachable = NOBODY;

        Group(Gid gid) {
            this.gid = gid;
        }

        void refresh() {
            reachable = members.stream()
                    .filter(member -> member.device.port().isUp())
                    .map(Member::queuePair)
                    .toArray(QueuePairEngine[]::new);
        }

        long membersOf(SoftDevice device) {
            return members.stream().filter(member -> member.device == device).count();
        }
    }

    /** In the order of their first members: what a schedule does must not depend on hash codes. */
    private final Map<Gid, Group> groups = new LinkedHashMap<>();

    private final Map<SoftDevice, Integer> groupsOfDevice = new HashMap<>();

    /** The groups by hash, at least half empty; never changed, but replaced. */
    private volatile Group[] table = {null};

    /** IPv6 groups, and those of IPv4, which are mapped into IPv6 as other addresses are. */
    static boolean isGroup(Gid gid) {
        return gid.high() >>> 56 == 0xFF || gid.high() == 0 && gid.low() >>> 28 == FIRST_IPV4_GROUP >>> 28;
    }

    synchronized void attach(String verb, Gid gid, SoftDevice device, QueuePairEngine queuePair) {
        int mostMembers = device.options().limits().maxMulticastMembers();
        int mostGroups = device.options().limits().maxMulticastGroups();
        Group group = groups.getOrDefault(gid, new Group(gid));
        long members = group.membersOf(device);
        if (members >= mostMembers) {
            throw new VerbsException(
                    verb, Errno.ENOMEM, "the device allows " + mostMembers + " members of a group: detach one first");
        }
        if (members == 0) {
            int ofDevice = groupsOfDevice.getOrDefault(device, 0);
            if (ofDevice >= mostGroups) {
                throw new VerbsException(
                        verb,
                        Errno.ENOMEM,
                        "the device allows " + mostGroups + " groups: detach all members of one first");
            }
            groupsOfDevice.put(device, ofDevice + 1);
        }
        group.members.add(new Member(device, queuePair));
        group.refresh();
        if (groups.putIfAbsent(gid, group) == null) {
            rebuild();
        }
    }

    synchronized void detach(Gid gid, SoftDevice device, QueuePairEngine queuePair) {
        Group group = groups.get(gid);
        if (group == null || !group.members.remove(new Member(device, queuePair))) {
            return;
        }
        group.refresh();
        if (group.membersOf(device) == 0) {
            var unused = groupsOfDevice.computeIfPresent(device, (key, count) -> count == 1 ? null : count - 1);
        }
        if (group.members.isEmpty()) {
            groups.remove(gid);
            rebuild();
        }
    }

    /** Ports have come up or gone down. */
    synchronized void refresh() {
        groups.values().forEach(Group::refresh);
    }

    QueuePairEngine[] find(long gidHigh, long gidLow) {
        Group[] current = table;
        int mask = current.length - 1;
        Group group;
        for (int i = hash(gidHigh, gidLow); (group = current[i & mask]) != null; i++) {
            if (group.gid.low() == gidLow && group.gid.high() == gidHigh) {
                return group.reachable;
            }
        }
        return NOBODY;
    }

    private void rebuild() {
        Group[] next = new Group[2 * Integer.highestOneBit(groups.size() | 1) << 1];
        int mask = next.length - 1;
        for (Group group : groups.values()) {
            int i = hash(group.gid.high(), group.gid.low());
            while (next[i & mask] != null) {
                i++;
            }
            next[i & mask] = group;
        }
        table = next;
    }

    private static int hash(long high, long low) {
        long mixed = (high ^ low) * 0x9E37_79B9_7F4A_7C15L;
        return (int) (mixed >>> 32);
    }
}
