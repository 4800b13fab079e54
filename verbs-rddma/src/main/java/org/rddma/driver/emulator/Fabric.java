package org.rddma.driver.emulator;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What joins the nodes: who answers under which number of which transport, and the broadcast that finds a root. */
final class Fabric {
    private record Address(String transport, long id) {}

    private final List<Node> nodes = new ArrayList<>();
    private final Map<Address, Node> owners = new HashMap<>();

    void join(Node node) {
        nodes.add(node);
    }

    List<Node> nodes() {
        return nodes;
    }

    /**
     * Whether a node may answer under a number.
     *
     * @return false when another does
     */
    boolean free(String transport, long id, Node node) {
        Node owner = owners.get(new Address(transport, id));
        return owner == null || owner == node;
    }

    /** Lets a node answer under a number; without a transport or with number 0 it stays unknown. */
    void claim(String transport, long id, Node node) {
        if (transport != null && id != 0) {
            owners.put(new Address(transport, id), node);
        }
    }

    /**
     * The node behind a public location.
     *
     * @return null when nobody answers
     */
    Node owner(Location location) {
        return location.fabric == null ? null : owners.get(new Address(location.fabric, location.id));
    }

    /**
     * Asks everybody else for a root of that name.
     *
     * @return null when nobody answers
     */
    Location root(String name, String transport, Node asking) {
        for (Node node : nodes) {
            Location root = node == asking ? null : node.location(name);
            if (root != null && root.parent == null && !root.isPublic && transport.equals(root.fabric)) {
                return root;
            }
        }
        return null;
    }
}
