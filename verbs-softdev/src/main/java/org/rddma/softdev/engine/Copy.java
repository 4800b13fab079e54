package org.rddma.softdev.engine;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.rddma.verbs.internal.ring.Words;

/** Moves bytes between direct buffers so that the last of them becomes visible last: peers poll memory for it. */
final class Copy {
    private static final int SMALL = 64;

    private Copy() {}

    /** Indexes into {@link WholeProcess#MEMORY} are addresses; into everything else they are small. */
    @SuppressWarnings("ReferenceEquality")
    static void copy(ByteBuffer from, long fromIndex, ByteBuffer to, long toIndex, int length) {
        if (from == WholeProcess.MEMORY || to == WholeProcess.MEMORY) {
            WholeProcess.copy(from, fromIndex, to, toIndex, length);
        } else {
            copy(from, (int) fromIndex, to, (int) toIndex, length);
        }
    }

    private static void copy(ByteBuffer from, int fromIndex, ByteBuffer to, int toIndex, int length) {
        if (length < Long.BYTES) {
            copyBytes(from, fromIndex, to, toIndex, length);
            return;
        }
        int tail = length - Long.BYTES;
        long last = Words.lpLong(from, fromIndex + tail);
        if (length <= SMALL) {
            for (int i = 0; i < tail; i += Long.BYTES) { // the last round may reach into the tail, not to its last byte
                Words.spLong(to, toIndex + i, Words.lpLong(from, fromIndex + i));
            }
        } else {
            to.put(toIndex, from, fromIndex, tail);
        }
        VarHandle.releaseFence();
        if ((toIndex + tail & Long.BYTES - 1) == 0) {
            // all 8 bytes at once, if the region begins at a multiple of 8, as whole direct buffers do
            Words.spLong(to, toIndex + tail, last);
        } else {
            copyBytes(from, fromIndex + tail, to, toIndex + tail, Long.BYTES);
        }
    }

    private static void copyBytes(ByteBuffer from, int fromIndex, ByteBuffer to, int toIndex, int length) {
        if (length == 0) {
            return;
        }
        for (int i = 0; i < length - 1; i++) {
            to.put(toIndex + i, from.get(fromIndex + i));
        }
        VarHandle.releaseFence();
        to.put(toIndex + length - 1, from.get(fromIndex + length - 1));
    }
}
