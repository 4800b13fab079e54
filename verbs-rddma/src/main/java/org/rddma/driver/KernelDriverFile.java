package org.rddma.driver;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.channel.DescriptorWait;
import org.rddma.verbs.internal.os.NativeFile;

/**
 * The file of a driver in the kernel.
 *
 * <p>A thread that waits for a reply does so in poll(2), where it can be woken, and reads only what is there: of threads
 * that read the same file, one at a time looks and reads, so none is left behind in read(2). What cannot be woken is a
 * blocking write, because the kernel carries the command out in it.
 *
 * <p>Old drivers do not look at the length that they are given, and write a whole reply over the end of a small buffer.
 * So every read is into a buffer of this file's, which is larger than any reply; what the caller has no room for is kept
 * here for its next read, and then {@link #await} knows of it, although the descriptor does not say so.
 */
final class KernelDriverFile extends DriverFile {
    /** More than the driver's text for the longest command. */
    private static final int ROOM = 16384;

    private static final int NOBODY = -1;

    private final NativeFile file;
    private final String name;
    private final DescriptorWait wait;
    private final ReentrantLock writing = new ReentrantLock();
    private final ReentrantLock reading = new ReentrantLock();
    private final ByteBuffer reply = ByteBuffer.allocateDirect(ROOM);

    /** What is left of the reply that was read last; guarded by the lock of those who read. */
    private int from;

    private volatile int left;
    private volatile boolean nonBlocking;

    KernelDriverFile(Path path, boolean nonBlocking) {
        file = NativeFile.open(path, nonBlocking, "open");
        name = path.toString();
        this.nonBlocking = nonBlocking;
        wait = new DescriptorWait(name, file::close);
    }

    @Override
    public int fd() {
        wait.requireOpen("fd");
        return file.fd();
    }

    @Override
    public boolean nonBlocking() {
        return nonBlocking;
    }

    @Override
    public void nonBlocking(boolean newNonBlocking) {
        wait.enter("fcntl");
        try {
            file.nonBlocking(newNonBlocking);
            nonBlocking = newNonBlocking;
        } finally {
            wait.leave();
        }
    }

    @Override
    public int write(ByteBuffer text, int offset, int length) {
        requireRange("write", text, offset, length);
        wait.enter("write");
        try {
            lock(writing, "write");
            try {
                return expected("write", file.write(text, offset, length));
            } finally {
                writing.unlock();
            }
        } finally {
            wait.leave();
        }
    }

    @Override
    public int read(ByteBuffer into, int offset, int length) {
        requireRange("read", into, offset, length);
        wait.enter("read");
        try {
            int read = readWhatIsThere(into, offset, length);
            while (read == -Errno.EAGAIN && !nonBlocking) {
                boolean unused = wait.await(file.fd(), false, NOBODY, -1, "read");
                read = readWhatIsThere(into, offset, length);
            }
            return read;
        } finally {
            wait.leave();
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock; volatile for those who look without it
    private int readWhatIsThere(ByteBuffer into, int offset, int length) {
        lock(reading, "read");
        try {
            if (left == 0) {
                if (!wait.await(file.fd(), false, NOBODY, 0, "read")) {
                    return -Errno.EAGAIN;
                }
                int read = expected("read", file.read(reply, 0, ROOM));
                if (read <= 0) {
                    return read;
                }
                from = 0;
                left = Math.min(read, ROOM); // one that was cut says how long it would have been
            }
            int part = Math.min(length, left);
            into.put(offset, reply, from, part);
            from += part;
            left -= part;
            return part;
        } finally {
            reading.unlock();
        }
    }

    @Override
    public boolean await(long nanos) {
        wait.enter("poll");
        try {
            return left > 0 || wait.await(file.fd(), false, NOBODY, nanos, "poll");
        } finally {
            wait.leave();
        }
    }

    @Override
    public ByteBuffer map(long mmapOffset, long length) {
        wait.enter("mmap");
        try {
            return file.map(mmapOffset, length, "mmap");
        } finally {
            wait.leave();
        }
    }

    @Override
    public void close() {
        wait.close();
    }

    /** Also for a thread that is interrupted, when nobody has to be waited for. */
    private static void lock(ReentrantLock lock, String verb) {
        try {
            if (!lock.tryLock()) {
                lock.lockInterruptibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new VerbsException(verb, Errno.EINTR, "the thread was interrupted before it was its turn", e);
        }
    }

    private int expected(String verb, int result) {
        if (result >= 0 || result == -Errno.EAGAIN || result == -Errno.EINTR) {
            return result;
        }
        throw new VerbsException(verb, -result, "the driver's file " + name + " failed");
    }

    @Override
    public String toString() {
        return name;
    }
}
