package org.rddma.driver.emulator;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/** A list of copies under one name. */
final class Transfer {
    /** A bind's identity: where in the transfer it is, and how long. */
    record Key(long offset, long extent) implements Comparable<Key> {
        private static final Comparator<Key> ORDER = Comparator.comparingLong((Key key) -> key.offset ^ Long.MIN_VALUE)
                .thenComparingLong(Key::extent);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    final String name;
    final TreeMap<Key, Bind> binds = new TreeMap<>();
    /** The sum of all extents so far, where the next bind goes; it never gets smaller. */
    long extent;

    Transfer(String name) {
        this.name = name;
    }

    /**
     * The binds that begin in a range.
     *
     * @param from first offset
     * @param to last offset, inclusive
     */
    List<Bind> within(long from, long to) {
        if (Long.compareUnsigned(from, to) > 0) {
            return List.of();
        }
        return new ArrayList<>(binds.subMap(new Key(from, 0), true, new Key(to, Long.MAX_VALUE), true)
                .values());
    }
}
