package org.rddma.verbs.internal.os;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** Whether native calls can be made here, and what does not belong to one descriptor. */
public final class Os {
    @SuppressWarnings("StaticAssignmentOfThrowable") // it is found once, and told to everyone who asks
    private static final Throwable UNAVAILABLE = load();

    private Os() {}

    private static Throwable load() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return new UnsupportedOperationException("eventfd and epoll need Linux");
        }
        try {
            int fd = LibC.eventfd(0, 0);
            if (fd >= 0) {
                LibC.close(fd);
            }
            return null;
        } catch (LinkageError | RuntimeException e) {
            return e;
        }
    }

    /**
     * Why native calls cannot be made.
     *
     * @return null when they can
     */
    public static Throwable unavailabilityCause() {
        return UNAVAILABLE;
    }

    /**
     * Fails where native calls cannot be made.
     *
     * @param verb on whose behalf
     */
    public static void ensureAvailable(String verb) {
        if (UNAVAILABLE != null) {
            throw new VerbsException(
                    verb,
                    Errno.ENOSYS,
                    "native calls cannot be made here: run on Linux, and let JNA load its library (its temporary folder,"
                            + " -Djna.tmpdir, must not be mounted noexec): " + UNAVAILABLE,
                    UNAVAILABLE);
        }
    }

    /**
     * The native address of a direct buffer's byte 0.
     *
     * @param buffer direct
     * @return its address
     */
    public static long addressOf(ByteBuffer buffer) {
        return Pointer.nativeValue(Native.getDirectBufferPointer(buffer));
    }

    /**
     * Zeroed memory that begins at a multiple of the alignment.
     *
     * @param bytes how many
     * @param alignment a power of two
     * @param verb on whose behalf
     * @return a direct buffer in native order
     */
    public static ByteBuffer allocate(long bytes, int alignment, String verb) {
        long rounded = bytes + alignment - 1 & -alignment; // alignedSlice rounds the end down
        if (rounded + alignment > Integer.MAX_VALUE) {
            throw new VerbsException(verb, Errno.ENOMEM, bytes + " bytes do not fit into one buffer: ask for less");
        }
        try {
            return ByteBuffer.allocateDirect((int) rounded + alignment - 1)
                    .alignedSlice(alignment)
                    .slice(0, (int) bytes)
                    .order(ByteOrder.nativeOrder());
        } catch (OutOfMemoryError e) {
            throw new VerbsException(
                    verb, Errno.ENOMEM, "no memory for " + bytes + " bytes: raise -XX:MaxDirectMemorySize", e);
        }
    }

    /**
     * The processor that the calling thread runs on, until the system moves it.
     *
     * @return its number; -1 when it cannot be known
     */
    public static int currentCpu() {
        return UNAVAILABLE == null ? Math.max(-1, LibC.sched_getcpu()) : -1;
    }

    /**
     * Binds the calling thread to one processor.
     *
     * @param cpu its number
     */
    public static void pinThread(int cpu) {
        ByteBuffer mask = cpuMask("pinThread", cpu);
        try {
            if (LibC.sched_setaffinity(0, mask.capacity(), addressOf(mask)) < 0) {
                throw new VerbsException(
                        "pinThread", Native.getLastError(), "the thread cannot run on processor " + cpu);
            }
        } finally {
            Reference.reachabilityFence(mask);
        }
    }

    private static ByteBuffer cpuMask(String verb, int cpu) {
        if (cpu < 0 || cpu >= 1024) {
            throw new VerbsException(verb, Errno.EINVAL, "there is no processor " + cpu);
        }
        ByteBuffer mask = ByteBuffer.allocateDirect(128).order(ByteOrder.LITTLE_ENDIAN);
        mask.put(cpu >> 3, (byte) (1 << (cpu & 7)));
        return mask;
    }
}
