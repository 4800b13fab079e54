package org.rddma.driver.provider;

/**
 * Which bytes go where for one work request: the pieces of its source laid along those of its destination. A request
 * that is posted again has the same plan, and finds its {@linkplain BindSet binds} by it. Without allocation, unless
 * it is longer than any before.
 */
final class CopyPlan {
    /*
     * Five words for each piece: destination's context and key, its offset, source's context and key, its offset,
     * length.
     */
    static final int WORDS = 5;

    private long[] words;
    private int pieces;
    private int hash;

    CopyPlan(int pieces) {
        words = new long[WORDS * Math.max(1, pieces)];
    }

    int pieces() {
        return pieces;
    }

    int hash() {
        return hash;
    }

    long word(int index) {
        return words[index];
    }

    /** Lays the source along the destination, which is at least as long. */
    void lay(int destinationContext, Segments destination, int sourceContext, Segments source) {
        int most = destination.count() + source.count();
        if (words.length < WORDS * most) {
            words = new long[WORDS * most];
        }
        pieces = 0;
        hash = 0;
        int to = 0;
        int toOffset = 0;
        for (int from = 0; from < source.count(); from++) {
            int fromOffset = 0;
            while (fromOffset < source.length(from)) {
                int length = Math.min(source.length(from) - fromOffset, destination.length(to) - toOffset);
                add(
                        (long) destinationContext << 32 | Integer.toUnsignedLong(destination.key(to)),
                        destination.offset(to) + toOffset,
                        (long) sourceContext << 32 | Integer.toUnsignedLong(source.key(from)),
                        source.offset(from) + fromOffset,
                        length);
                fromOffset += length;
                toOffset += length;
                if (toOffset == destination.length(to)) {
                    to++;
                    toOffset = 0;
                }
            }
        }
    }

    void add(long destination, long destinationOffset, long source, long sourceOffset, int length) {
        int at = WORDS * pieces++;
        words[at] = destination;
        words[at + 1] = destinationOffset;
        words[at + 2] = source;
        words[at + 3] = sourceOffset;
        words[at + 4] = length;
        for (int i = at; i < at + WORDS; i++) {
            hash = 31 * hash + Long.hashCode(words[i]);
        }
    }
}
