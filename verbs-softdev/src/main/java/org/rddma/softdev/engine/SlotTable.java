package org.rddma.softdev.engine;

import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * Objects by small numbers, as queue pairs and keys have them. Looking up takes no lock; a number that was given back
 * is not given out again soon, so that what is late for the old object does not reach a new one.
 *
 * @param <T> what is kept
 */
public final class SlotTable<T> {
    private static final int QUARANTINE = 1024;

    private final int limit;
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private volatile Object[] slots = new Object[16];
    private int fresh;

    /**
     * An empty table.
     *
     * @param limit how many slots it may have
     */
    public SlotTable(int limit) {
        this.limit = limit;
    }

    /**
     * Takes a number.
     *
     * @return 0 or more; -1 when all are taken
     */
    public synchronized int reserve() {
        if (free.size() > QUARANTINE || fresh == limit) {
            Integer index = free.pollFirst();
            return index == null ? -1 : index;
        }
        return fresh++;
    }

    /**
     * Puts an object at a number that was reserved.
     *
     * @param index the number
     * @param object what {@link #get} returns from now on
     */
    public synchronized void put(int index, T object) {
        Object[] current = slots;
        if (index >= current.length) {
            current = Arrays.copyOf(current, Math.max(index + 1, current.length * 2));
        }
        current[index] = object;
        slots = current;
    }

    /**
     * Gives a number back.
     *
     * @param index the number
     */
    public synchronized void release(int index) {
        Object[] current = slots;
        if (index < current.length) {
            current[index] = null;
            slots = current;
        }
        free.addLast(index);
    }

    /**
     * The object at a number.
     *
     * @param index any int
     * @return null where there is none
     */
    @SuppressWarnings("unchecked")
    public T get(int index) {
        Object[] current = slots;
        return index >= 0 && index < current.length ? (T) current[index] : null;
    }
}
