package org.rddma.driver.emulator;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.rddma.verbs.VerbsException;

/**
 * The driver's memory, and how much of it is used. The JVM unmaps what nobody can reach any more, when it comes to it;
 * until then the memory of a deleted buffer is there and counts. Who needs room asks the JVM to look, once after each
 * delete: a client that makes and deletes buffers without end gets what the limit says and no more.
 */
final class PageAccount {
    private static final int PATIENCE_MILLIS = 100;

    private final Quota bytes;
    private final ReferenceQueue<ByteBuffer> unmapped = new ReferenceQueue<>();
    private final Set<Mapping> mappings = new HashSet<>();
    private boolean deletedSinceLook;

    /** A mapping, and what it counts. */
    private static final class Mapping extends PhantomReference<ByteBuffer> {
        private final long size;

        private Mapping(ByteBuffer memory, ReferenceQueue<ByteBuffer> queue, long size) {
            super(memory, queue);
            this.size = size;
        }
    }

    PageAccount(Quota bytes) {
        this.bytes = bytes;
    }

    /**
     * Zeroed memory.
     *
     * @param size in bytes, whole pages
     * @param offset where the data begin
     * @return null when there is none
     */
    DriverMemory allocate(long size, long offset) {
        settle();
        if (size > DriverMemory.LARGEST || !bytes.take(size) && !takeAfterLook(size)) {
            return null;
        }
        try {
            DriverMemory memory = DriverMemory.allocate(size, offset);
            mappings.add(new Mapping(memory.mapped(), unmapped, size));
            return memory;
        } catch (VerbsException e) {
            bytes.giveBack(size);
            return null;
        }
    }

    /** Some of it is not used any more. */
    void deleted() {
        deletedSinceLook = true;
    }

    private boolean takeAfterLook(long size) {
        if (!deletedSinceLook) {
            return false;
        }
        deletedSinceLook = false;
        System.gc();
        try {
            Mapping mapping = (Mapping) unmapped.remove(PATIENCE_MILLIS);
            while (mapping != null) {
                giveBack(mapping);
                if (bytes.take(size)) {
                    return true;
                }
                mapping = (Mapping) unmapped.remove(PATIENCE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private void settle() {
        for (Object mapping = unmapped.poll(); mapping != null; mapping = unmapped.poll()) {
            giveBack((Mapping) mapping);
        }
    }

    private void giveBack(Mapping mapping) {
        mappings.remove(mapping);
        bytes.giveBack(mapping.size);
    }
}
