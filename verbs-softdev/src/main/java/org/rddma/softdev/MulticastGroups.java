package org.rddma.softdev;

import java.util.ArrayList;
import java.util.List;
import org.rddma.softdev.engine.QueuePairEngine;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.VerbsException;

/** Which queue pairs of a fabric are attached to which group. Finding them takes no lock and makes no garbage. */
final class MulticastGroups {
    private static final QueuePairEngine[] NOBODY = {};

    private record Membership(Gid group, SoftDevice device, QueuePairEngine member) {}

    private static final class Group {
        final long high;
        final long low;
        final QueuePairEngine[] members;

        Group(Gid group, QueuePairEngine[] members) {
            high = group.high();
            low = group.low();
            this.members = members;
        }
    }

    private final List<Membership> memberships = new ArrayList<>();

    /** Those members whose ports are up; never changed, but replaced. */
    private volatile Group[] reachable = {};

    static boolean isGroup(long gidHigh) {
        return gidHigh >>> 56 == 0xFF;
    }

    synchronized void attach(String verb, Gid group, SoftDevice device, QueuePairEngine member) {
        List<Membership> ofDevice =
                memberships.stream().filter(other -> other.device == device).toList();
        List<Membership> ofGroup =
                ofDevice.stream().filter(other -> other.group.equals(group)).toList();
        int members = device.options().limits().maxMulticastMembers();
        int groups = device.options().limits().maxMulticastGroups();
        if (ofGroup.size() >= members) {
            throw new VerbsException(
                    verb, Errno.ENOMEM, "the device allows " + members + " members of a group: detach one first");
        }
        if (ofGroup.isEmpty()
                && ofDevice.stream().map(Membership::group).distinct().count() >= groups) {
            throw new VerbsException(
                    verb, Errno.ENOMEM, "the device allows " + groups + " groups: detach all members of one first");
        }
        memberships.add(new Membership(group, device, member));
        refresh();
    }

    synchronized void detach(Gid group, QueuePairEngine member) {
        memberships.removeIf(other -> other.member == member && other.group.equals(group));
        refresh();
    }

    /** Ports have come up or gone down, or members have come or gone. */
    synchronized void refresh() {
        reachable = memberships.stream()
                .map(Membership::group)
                .distinct()
                .map(group -> new Group(group, membersOf(group)))
                .toArray(Group[]::new);
    }

    private QueuePairEngine[] membersOf(Gid group) {
        return memberships.stream()
                .filter(other ->
                        other.group.equals(group) && other.device.port().isUp())
                .map(Membership::member)
                .toArray(QueuePairEngine[]::new);
    }

    QueuePairEngine[] find(long gidHigh, long gidLow) {
        for (Group group : reachable) {
            if (group.low == gidLow && group.high == gidHigh) {
                return group.members;
            }
        }
        return NOBODY;
    }
}
