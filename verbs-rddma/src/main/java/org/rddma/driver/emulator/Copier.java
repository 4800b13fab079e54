package org.rddma.driver.emulator;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.rddma.verbs.internal.os.ProcessMemory;

/**
 * Copies between two memories; one for each thread that copies.
 *
 * <p>Whoever polls memory for the end of a transfer looks at its last bytes: the last eight are written last, in one
 * piece where they are aligned, and after all others are visible. They are read first, so that overlapping ranges end
 * up as if the source had been read as a whole; for the same reason the pieces of a long copy that moves upwards
 * within one memory are taken from the top.
 */
final class Copier {
    private static final int PIECE = 1 << 20;
    private static final int BOUNCE = 1 << 16;
    private static final int TAIL = Long.BYTES;
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final ByteBuffer tail = ByteBuffer.allocateDirect(TAIL).order(ByteOrder.nativeOrder());
    private final ProcessMemory through = new ProcessMemory();
    private ByteBuffer bounce;

    /** Asked between the pieces of a long copy. */
    interface Abort {
        boolean asked();
    }

    /**
     * Copies; the ranges are inside their memories.
     *
     * @param abort asked between the pieces of a long copy
     * @return 0; or -EIO when a memory is gone or the copy was aborted, then any part may have been copied
     */
    int copy(Memory destination, long to, Memory source, long from, long length, Abort abort) {
        int tailLength = (int) Math.min(TAIL, length);
        long body = length - tailLength;
        if (source.read(through, from + body, tail, 0, tailLength) != 0) {
            return Results.IO_ERROR;
        }
        boolean downwards = destination == source && to > from && to - from < length;
        for (long done = 0; done < body; ) {
            if (done > 0 && abort.asked()) {
                return Results.IO_ERROR;
            }
            int piece = (int) Math.min(PIECE, body - done);
            long at = downwards ? body - done - piece : done;
            if (piece(destination, to + at, source, from + at, piece, downwards) != 0) {
                return Results.IO_ERROR;
            }
            done += piece;
        }
        VarHandle.releaseFence();
        ByteBuffer mapped = destination.mapped();
        int last = (int) (to + body);
        if (mapped != null && tailLength == TAIL && mapped.alignmentOffset(last, TAIL) == 0) {
            LONG.setRelease(mapped, last, tail.getLong(0));
            return 0;
        }
        return destination.write(through, to + body, tail, 0, tailLength);
    }

    private int piece(Memory destination, long to, Memory source, long from, int length, boolean downwards) {
        if (destination.mapped() != null) {
            return source.read(through, from, destination.mapped(), (int) to, length);
        }
        if (source.mapped() != null) {
            return destination.write(through, to, source.mapped(), (int) from, length);
        }
        if (bounce == null) {
            bounce = ByteBuffer.allocateDirect(BOUNCE);
        }
        for (int done = 0; done < length; ) {
            int part = Math.min(BOUNCE, length - done);
            int at = downwards ? length - done - part : done;
            if (source.read(through, from + at, bounce, 0, part) != 0
                    || destination.write(through, to + at, bounce, 0, part) != 0) {
                return Results.IO_ERROR;
            }
            done += part;
        }
        return 0;
    }
}
