package org.rddma.driver.provider;

import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * The tags of a session, by number. Numbers are used again only when their request has been answered: a reply that
 * comes after its requester has given up finds the tag still reserved, and frees it.
 */
final class TagTable {
    private static final int FIRST_SIZE = 64;

    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private volatile Tag[] tags = new Tag[FIRST_SIZE];
    private int used;

    synchronized Tag take(Tag.Handler handler) {
        Integer old = free.poll();
        int number = old == null ? used++ : old;
        Tag[] current = tags;
        if (number >= current.length) {
            current = Arrays.copyOf(current, 2 * current.length);
        }
        Tag tag = new Tag(number, handler);
        current[number] = tag;
        tags = current;
        return tag;
    }

    /** Gives a tag back that no request carries. */
    synchronized void free(Tag tag) {
        if (tags[tag.number] == tag) {
            tags[tag.number] = null;
            free.add(tag.number);
        }
    }

    /** The tag of a number; null for one that nobody has. */
    Tag find(long number) {
        Tag[] current = tags;
        return number < 0 || number >= current.length ? null : current[(int) number];
    }
}
