package org.rddma.verbs.internal.os;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * A device file, by the system calls themselves: a channel of the JDK would write with writev(2) and ask for the size
 * before it maps, which such files do not have. Closed exactly once; whoever closes it makes sure that no other thread
 * is in a call on it.
 */
public final class NativeFile {
    private static final int O_RDWR = 2;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int READ_WRITE = 3;
    private static final int MAP_SHARED = 1;
    private static final long MAP_FAILED = -1;

    private final int fd;
    private final AtomicBoolean closed = new AtomicBoolean();

    private NativeFile(int fd) {
        this.fd = fd;
    }

    /** Memory that is mapped for as long as its buffer, or a view of it, is reachable. */
    private static final class Mapping extends PhantomReference<ByteBuffer> {
        private static final ReferenceQueue<ByteBuffer> UNREACHABLE = new ReferenceQueue<>();
        private static final Set<Mapping> ALL = ConcurrentHashMap.newKeySet();

        private final long address;
        private final long length;

        Mapping(ByteBuffer buffer, long address, long length) {
            super(buffer, UNREACHABLE);
            this.address = address;
            this.length = length;
            ALL.add(this);
        }

        /** Unmaps what nobody can reach any more: whenever something is mapped, so that no thread is needed for it. */
        static void expunge() {
            for (Reference<?> next = UNREACHABLE.poll(); next != null; next = UNREACHABLE.poll()) {
                Mapping mapping = (Mapping) next;
                ALL.remove(mapping);
                int unused = LibC.munmap(mapping.address, mapping.length);
            }
        }
    }

    /**
     * Opens a file for reading and writing.
     *
     * @param path of the file
     * @param nonBlocking whether to set {@code O_NONBLOCK}
     * @param verb on whose behalf
     * @return the open file
     * @throws VerbsException with what the system says
     */
    public static NativeFile open(Path path, boolean nonBlocking, String verb) {
        Os.ensureAvailable(verb);
        byte[] text = path.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer terminated =
                ByteBuffer.allocateDirect(text.length + 1).put(text).rewind();
        try {
            int fd = LibC.open(Os.addressOf(terminated), O_RDWR | O_CLOEXEC | (nonBlocking ? O_NONBLOCK : 0));
            if (fd < 0) {
                throw new VerbsException(verb, Native.getLastError(), path + " cannot be opened to read and write");
            }
            return new NativeFile(fd);
        } finally {
            Reference.reachabilityFence(terminated);
        }
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
     * Sets or clears {@code O_NONBLOCK}.
     *
     * @param nonBlocking whether to set it
     */
    public void nonBlocking(boolean nonBlocking) {
        int flags = LibC.fcntl(fd, F_GETFL, 0);
        int changed = nonBlocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
        if (flags < 0 || LibC.fcntl(fd, F_SETFL, changed) < 0) {
            throw new VerbsException("fcntl", Native.getLastError(), "the flags cannot be set");
        }
    }

    /**
     * Calls write(2).
     *
     * @param data direct
     * @param offset of the first byte
     * @param length in bytes
     * @return how many were written; or the negative errno
     */
    public int write(ByteBuffer data, int offset, int length) {
        int unused = Objects.checkFromIndexSize(offset, length, data.capacity());
        try {
            return result(LibC.write(fd, Os.addressOf(data) + offset, length));
        } finally {
            Reference.reachabilityFence(data);
        }
    }

    /**
     * Calls read(2).
     *
     * @param into direct
     * @param offset where to
     * @param length at most
     * @return how many were read; or the negative errno
     */
    public int read(ByteBuffer into, int offset, int length) {
        int unused = Objects.checkFromIndexSize(offset, length, into.capacity());
        try {
            return result(LibC.read(fd, Os.addressOf(into) + offset, length));
        } finally {
            Reference.reachabilityFence(into);
        }
    }

    private static int result(long returned) {
        return returned < 0 ? -Native.getLastError() : (int) returned;
    }

    /**
     * Calls mmap(2), shared, for reading and writing.
     *
     * @param offset as the file understands it
     * @param length in bytes
     * @param verb on whose behalf
     * @return in native order; mapped for as long as the buffer or a view of it is reachable
     * @throws VerbsException EINVAL for a length that is no buffer's, otherwise with what the system says
     */
    public ByteBuffer map(long offset, long length, String verb) {
        Mapping.expunge();
        if (length <= 0 || length > Integer.MAX_VALUE) {
            throw new VerbsException(
                    verb, Errno.EINVAL, length + " bytes cannot be mapped: give 1 to " + Integer.MAX_VALUE);
        }
        long address = LibC.mmap(0, length, READ_WRITE, MAP_SHARED, fd, offset);
        if (address == MAP_FAILED) {
            throw new VerbsException(
                    verb,
                    Native.getLastError(),
                    "the device maps nothing of " + length + " bytes at " + Long.toHexString(offset));
        }
        ByteBuffer buffer = new Pointer(address).getByteBuffer(0, length).order(ByteOrder.nativeOrder());
        Mapping unused = new Mapping(buffer, address, length);
        return buffer;
    }

    /** Closes it, once; mappings stay. */
    public void close() {
        if (closed.compareAndSet(false, true)) {
            int unused = LibC.close(fd);
        }
    }
}
