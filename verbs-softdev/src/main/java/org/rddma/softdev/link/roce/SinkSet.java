package org.rddma.softdev.link.roce;

import java.util.Arrays;

/** Some sinks, each of them once, in the order in which they came. Allocates only where it grows. */
final class SinkSet {
    private static final int FIRST_SIZE = 64; // a power of two

    private PacketSink[] sinks = new PacketSink[FIRST_SIZE / 2];

    /** Half full at most; each sink is where its hash says, or behind it. */
    private PacketSink[] table = new PacketSink[FIRST_SIZE];

    private int size;

    int size() {
        return size;
    }

    PacketSink get(int index) {
        return sinks[index];
    }

    @SuppressWarnings("ReferenceEquality") // each sink is itself
    void add(PacketSink sink) {
        int at = place(sink);
        while (table[at] != null) {
            if (table[at] == sink) {
                return;
            }
            at = at + 1 & table.length - 1;
        }
        if (size == sinks.length) {
            grow();
            add(sink);
            return;
        }
        table[at] = sink;
        sinks[size++] = sink;
    }

    private int place(PacketSink sink) {
        return System.identityHashCode(sink) & table.length - 1;
    }

    private void grow() {
        PacketSink[] old = sinks;
        sinks = new PacketSink[2 * old.length];
        table = new PacketSink[2 * table.length];
        size = 0;
        for (PacketSink sink : old) {
            add(sink);
        }
    }

    void clear() {
        if (size > 0) {
            Arrays.fill(sinks, 0, size, null);
            Arrays.fill(table, null);
            size = 0;
        }
    }
}
