package org.rddma.driver.emulator;

import java.util.ArrayList;
import java.util.List;

/** A named list of halves of binds that are started together; it lives as long as its node. */
final class Event {
    final String name;
    final Node node;
    final List<Bind.Half> halves = new ArrayList<>(2);
    /** Started when this one is over; null for none. */
    Event next;
    /** Who started it; null while it is not started. */
    EventRun run;
    /** How many copies it waits for. */
    int pending;
    /** 0, or what went wrong with one of its copies since it was started. */
    int result;

    Event(String name, Node node) {
        this.name = name;
        this.node = node;
    }

    void attach(Bind.Half half) {
        half.index = halves.size();
        halves.add(half);
    }

    /** Takes one out; the last one takes its place. */
    void detach(Bind.Half half) {
        Bind.Half last = halves.remove(halves.size() - 1);
        if (last != half) {
            halves.set(half.index, last);
            last.index = half.index;
        }
    }
}
