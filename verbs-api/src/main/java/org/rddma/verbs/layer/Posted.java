package org.rddma.verbs.layer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.rddma.verbs.layer.Usage.Piece;

/**
 * A request that is posted, and its memory as it was then. Of that at most {@value #WATCHED} bytes are kept: those who send
 * much in one request are watched at its beginning.
 */
final class Posted {
    static final int WATCHED = 1 << 20;

    final long wrId;
    final boolean signalled;
    final boolean sends;

    /** Whether the device writes to the memory: receives, reads and atomics. */
    final boolean receives;

    final List<Usage> uses = new ArrayList<>();
    final List<Piece> pieces = new ArrayList<>();
    private final List<ByteBuffer> before = new ArrayList<>();

    /** How many requests had received before this was posted. */
    long receivedBefore;

    Posted(long wrId, boolean sends, boolean signalled, boolean receives) {
        this.wrId = wrId;
        this.sends = sends;
        this.signalled = signalled;
        this.receives = receives;
        watched = !sends || !receives; // what reads and atomics write is all theirs
    }

    /** Whether its memory is compared when it completes. */
    volatile boolean watched;

    /** Remembers the memory. */
    void watch() {
        int room = WATCHED;
        for (Piece piece : pieces) {
            int length = watched ? Math.min(room, piece.bytes().capacity()) : 0;
            room -= length;
            ByteBuffer copy = ByteBuffer.allocate(length).put(0, piece.bytes(), 0, length);
            before.add(copy);
        }
    }

    /**
     * The first byte that is not what it was.
     *
     * @param skip bytes that may have changed, from the beginning on
     * @return its index in all the memory of the request; -1 when there is none
     */
    long firstChange(long skip) {
        long base = 0;
        for (int i = 0; i < pieces.size(); i++) {
            ByteBuffer then = before.get(i);
            int from = (int) Math.min(Math.max(skip - base, 0), then.capacity());
            int length = then.capacity() - from;
            ByteBuffer now = pieces.get(i).bytes().slice(from, length);
            int difference = then.slice(from, length).mismatch(now);
            if (difference >= 0) {
                return base + from + difference;
            }
            base += pieces.get(i).bytes().capacity();
        }
        return -1;
    }

    boolean overlaps(Posted other) {
        for (Piece piece : pieces) {
            for (Piece another : other.pieces) {
                if (piece.overlaps(another)) {
                    return true;
                }
            }
        }
        return false;
    }

    void begin() {
        uses.forEach(usage -> usage.posted.incrementAndGet());
    }

    void end() {
        uses.forEach(usage -> usage.posted.decrementAndGet());
    }
}
