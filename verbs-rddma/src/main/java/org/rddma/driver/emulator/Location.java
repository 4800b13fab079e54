package org.rddma.driver.emulator;

import java.util.HashMap;
import java.util.Map;

/**
 * A place in a node's tree of names; it owns buffers, transfers and barriers. Commands on a private one are carried
 * out here, those on a public one by the node that its number addresses.
 */
final class Location {
    final String name;
    /** Null for a root. */
    final Location parent;

    final Map<String, Location> children = new HashMap<>();
    final Map<String, SharedBuffer> buffers = new HashMap<>();
    final Map<String, Transfer> transfers = new HashMap<>();
    final Map<String, Barrier> barriers = new HashMap<>();

    /** The transport that reaches it; null when none was named. */
    final String fabric;
    /** The number that addresses its node. */
    final long id;
    /** The number of our own node; 0 while that is unknown. */
    long ownId;

    final boolean isPublic;

    Location(String name, Location parent, String fabric, long id, long ownId, boolean isPublic) {
        this.name = name;
        this.parent = parent;
        this.fabric = fabric;
        this.id = id;
        this.ownId = ownId;
        this.isPublic = isPublic;
    }

    /** From the leaf to the root with dots between. */
    String path() {
        return parent == null ? name : name + "." + parent.path();
    }
}
