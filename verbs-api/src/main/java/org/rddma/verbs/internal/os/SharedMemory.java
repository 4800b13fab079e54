package org.rddma.verbs.internal.os;

import com.sun.jna.Native;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * Memory that processes share through a descriptor (memfd_create(2)). Its size is sealed: nobody whom the descriptor is
 * given to can make it smaller under a mapping, which would end whoever touches the missing pages with SIGBUS. All of
 * it is there from the start, for the same reason. The memory goes with the last descriptor and the last mapping,
 * wherever they are. Closed exactly once; whoever closes it makes sure that no other thread is in a call on it.
 */
public final class SharedMemory {
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_SEAL_SEAL = 1;
    private static final int F_SEAL_SHRINK = 2;
    private static final int F_SEAL_GROW = 4;

    private final int fd;
    private final long bytes;
    private final AtomicBoolean closed = new AtomicBoolean();

    private SharedMemory(int fd, long bytes) {
        this.fd = fd;
        this.bytes = bytes;
    }

    /**
     * Zeroed memory.
     *
     * @param name for those who look into /proc
     * @param bytes how many; more than 0
     * @param verb on whose behalf
     * @return new memory
     * @throws VerbsException EINVAL for a size that cannot be; ENOMEM, EMFILE and what else the system says
     */
    public static SharedMemory create(String name, long bytes, String verb) {
        if (bytes <= 0) {
            throw new VerbsException(verb, Errno.EINVAL, bytes + " bytes cannot be shared: ask for one or more");
        }
        ByteBuffer text = terminated(name);
        int fd;
        try {
            fd = LibC.memfd_create(Os.addressOf(text), MFD_CLOEXEC | MFD_ALLOW_SEALING);
        } finally {
            Reference.reachabilityFence(text);
        }
        if (fd < 0) {
            throw new VerbsException(
                    verb, Native.getLastError(), "no shared memory: close some files, or raise the limit (ulimit -n)");
        }
        int errno = LibC.posix_fallocate(fd, 0, bytes);
        if (errno == 0 && LibC.fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW) < 0) {
            errno = Native.getLastError();
        }
        if (errno != 0) {
            int unused = LibC.close(fd);
            throw new VerbsException(
                    verb, errno == Errno.ENOSPC ? Errno.ENOMEM : errno, "no " + bytes + " bytes of shared memory");
        }
        return new SharedMemory(fd, bytes);
    }

    private static ByteBuffer terminated(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocateDirect(bytes.length + 1).put(bytes).rewind();
    }

    /**
     * Its descriptor.
     *
     * @return the number
     */
    public int fd() {
        return fd;
    }

    /**
     * How large it is.
     *
     * @return in bytes
     */
    public long bytes() {
        return bytes;
    }

    /**
     * Maps all of it, or its first bytes.
     *
     * @param verb on whose behalf
     * @return at most 2 GiB - 1, in native order; mapped for as long as the buffer or a view of it is reachable
     */
    public ByteBuffer map(String verb) {
        return map(fd, 0, Math.min(bytes, Integer.MAX_VALUE), verb);
    }

    /**
     * Maps a descriptor that stays open during the call.
     *
     * @param fd of shared memory, whoever made it
     * @param offset of the first byte, a multiple of the page size
     * @param length how many bytes
     * @param verb on whose behalf
     * @return in native order; mapped for as long as the buffer or a view of it is reachable
     * @throws VerbsException EINVAL when the memory is smaller, or is no memory
     */
    public static ByteBuffer map(int fd, long offset, long length, String verb) {
        // FileChannel.map would make a smaller file larger, and unmaps only what nobody can reach any more
        try (RandomAccessFile file = new RandomAccessFile("/proc/self/fd/" + fd, "rw")) {
            long size = file.length();
            if (offset < 0 || length <= 0 || length > Integer.MAX_VALUE || offset > size - length) {
                throw new VerbsException(
                        verb,
                        Errno.EINVAL,
                        length + " bytes at " + offset + " cannot be mapped: the memory has " + size
                                + ", and a mapping at most 2 GiB - 1");
            }
            return file.getChannel()
                    .map(FileChannel.MapMode.READ_WRITE, offset, length)
                    .order(ByteOrder.nativeOrder());
        } catch (IOException e) {
            throw new VerbsException(verb, Errno.EINVAL, "this descriptor cannot be mapped: " + e.getMessage(), e);
        }
    }

    /** Closes the descriptor, once; mappings stay. */
    public void close() {
        if (closed.compareAndSet(false, true)) {
            int unused = LibC.close(fd);
        }
    }
}
