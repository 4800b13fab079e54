package org.rddma.driver.emulator;

import java.util.HashMap;
import java.util.Map;

/** One machine with the driver: its tree of locations and its events. */
final class Node {
    /** Of the tree's locations, all of them, by their whole path: a look-up costs one hash. */
    private final Map<String, Location> locations = new HashMap<>();

    /** By name: events belong to the node, not to a location. */
    private final Map<String, Event> events = new HashMap<>();

    Location location(String path) {
        return path == null ? null : locations.get(path);
    }

    void add(Location location) {
        locations.put(location.path(), location);
        if (location.parent != null) {
            location.parent.children.put(location.name, location);
        }
    }

    /** Takes one without children out of the tree. */
    void remove(Location location) {
        locations.remove(location.path());
        if (location.parent != null) {
            location.parent.children.remove(location.name);
        }
    }

    Event event(String name) {
        return events.get(name);
    }

    void add(Event event) {
        events.put(event.name, event);
    }

    Iterable<Location> locations() {
        return locations.values();
    }
}
