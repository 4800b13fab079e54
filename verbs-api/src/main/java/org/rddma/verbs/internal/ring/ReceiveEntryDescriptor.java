package org.rddma.verbs.internal.ring;

/**
 * An entry of a receive queue: 16 bytes, then the elements, so that a receive of up to three elements is one cache
 * line, the only one that the sender's core must fetch to find it posted and to learn where the message goes.
 *
 * <pre>
 *    0            4          8                 16, 32, ...
 *    | generation | elements | work request id | address (8) | length (4) | local key (4) | ...
 * </pre>
 *
 * <p>The generation is {@link WorkRing#generation}, written last with release: the entry is posted exactly when it is
 * the expected one.
 */
public final class ReceiveEntryDescriptor {
    /** Written last. */
    public static final int GENERATION = 0;
    /** Number of elements. */
    public static final int ELEMENTS = 4;
    /** Work request id. */
    public static final int WR_ID = 8;
    /** The elements, each as in {@link SendEntryDescriptor}. */
    public static final int DATA = 16;

    private ReceiveEntryDescriptor() {}

    /** The size of an entry: a multiple of 64. */
    public static int entryBytes(int maxElements) {
        return DATA + maxElements * SendEntryDescriptor.ELEMENT_BYTES + 63 & -64;
    }
}
