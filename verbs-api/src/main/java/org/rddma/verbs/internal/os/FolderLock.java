package org.rddma.verbs.internal.os;

import com.sun.jna.Native;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * Keeps everybody who takes it too, in any process, out of a folder (flock(2) of the folder itself): so no file is left
 * behind, and the end of a process gives it back.
 */
public final class FolderLock implements AutoCloseable {
    private static final int O_RDONLY = 0;
    private static final int O_CLOEXEC = 0x80000;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final int fd;
    private final AtomicBoolean closed = new AtomicBoolean();

    private FolderLock(int fd) {
        this.fd = fd;
    }

    /**
     * Takes it.
     *
     * @param folder that may be read
     * @param patienceNanos how long to wait for others
     * @param verb on whose behalf
     * @return to be closed soon
     * @throws VerbsException EBUSY after that time; EINTR when the thread is interrupted, whose status stays; ENOENT and
     *     what else the system says
     */
    public static FolderLock take(Path folder, long patienceNanos, String verb) {
        Os.ensureAvailable(verb);
        byte[] text = folder.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer terminated = ByteBuffer.allocateDirect(text.length + 1).put(text);
        int fd;
        try {
            fd = LibC.open(Os.addressOf(terminated), O_RDONLY | O_CLOEXEC);
        } finally {
            Reference.reachabilityFence(terminated);
        }
        if (fd < 0) {
            throw new VerbsException(verb, Native.getLastError(), "the folder " + folder + " cannot be opened");
        }
        FolderLock lock = new FolderLock(fd);
        try {
            lock.await(folder, patienceNanos, verb);
            return lock;
        } catch (VerbsException e) {
            lock.close();
            throw e;
        }
    }

    private void await(Path folder, long patienceNanos, String verb) {
        long start = System.nanoTime();
        while (LibC.flock(fd, LOCK_EX | LOCK_NB) < 0) { // flock(2) would wait without an end, and nobody could wake it
            int errno = Native.getLastError();
            if (errno != Errno.EAGAIN && errno != Errno.EINTR) {
                throw new VerbsException(verb, errno, "the folder " + folder + " cannot be locked");
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new VerbsException(
                        verb, Errno.EINTR, "the thread was interrupted before it had locked " + folder);
            }
            if (System.nanoTime() - start > patienceNanos) {
                throw new VerbsException(verb, Errno.EBUSY, "someone keeps the folder " + folder + " locked");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** Gives it back, once. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            int unused = LibC.close(fd);
        }
    }
}
