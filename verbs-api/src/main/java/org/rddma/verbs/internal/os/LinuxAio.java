package org.rddma.verbs.internal.os;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * Linux asynchronous I/O: {@code io_setup(2)} and its family. A fixed number of places holds one request each.
 *
 * <p>Threads may submit in different places at once; one thread at a time takes events. The memory that a request
 * names must stay until its event has been taken, and no call may be under way on the context when it is closed: its
 * number may belong to another context a moment later. Results are as the system calls have them, errors negative.
 */
public final class LinuxAio {
    private static final short PREAD = 0;
    private static final short PWRITE = 1;
    private static final int RESFD = 1;

    /*
     * struct iocb (64):     0 data (8) | 8 key (4), flags (4) | 16 opcode (2), priority (2), fd (4)
     *                      24 buffer (8) | 32 bytes (8) | 40 offset (8) | 48 (8) | 56 flags (4), resfd (4)
     * struct io_event (32): 0 data (8) | 8 obj (8) | 16 res (8) | 24 res2 (8)
     *
     * memory: the iocbs, then a pointer to each (what io_submit wants), then room for as many events, then a timespec.
     */
    private static final int IOCB = 64;
    private static final int POINTER = 8;
    private static final int EVENT = 32;

    private final int places;
    private final ByteBuffer memory;
    private final long address;
    private final int pointers;
    private final int events;
    private final int timeout;
    private final long context;
    private boolean closed;

    /**
     * A context.
     *
     * @param places how many requests can be under way, 1 to 65536
     * @param verb on whose behalf
     * @throws VerbsException EAGAIN when the system's limit is reached; ENOSYS where there is no such thing
     */
    public LinuxAio(int places, String verb) {
        SystemCall.ensureKnown(verb);
        if (places < 1 || places > 65536) {
            throw new VerbsException(verb, Errno.EINVAL, "1 to 65536 requests can be under way, not " + places);
        }
        this.places = places;
        pointers = places * IOCB;
        events = pointers + places * POINTER;
        timeout = events + places * EVENT;
        memory = Os.allocate(timeout + 16, 64, verb);
        address = Os.addressOf(memory);
        for (int place = 0; place < places; place++) {
            memory.putLong(pointers + place * POINTER, address + (long) place * IOCB);
        }
        long result = SystemCall.IO_SETUP.call(places, address + timeout, 0, 0, 0);
        if (result < 0) {
            throw new VerbsException(
                    verb,
                    (int) -result,
                    "no context for " + places
                            + " asynchronous requests: ask for fewer, or raise /proc/sys/fs/aio-max-nr");
        }
        context = memory.getLong(timeout);
    }

    /**
     * Submits a write.
     *
     * @param place a free one
     * @param fd what to write to
     * @param from address of the bytes
     * @param bytes how many
     * @param offset where in the file, or what the device takes it for
     * @param data comes back in {@link #data}
     * @param eventFd to which one is added when it is done; negative for none
     * @return 1; or the negative errno
     */
    public int write(int place, int fd, long from, long bytes, long offset, long data, int eventFd) {
        return submit(PWRITE, place, fd, from, bytes, offset, data, eventFd);
    }

    /**
     * Submits a read.
     *
     * @param place a free one
     * @param fd what to read from
     * @param into address
     * @param bytes at most
     * @param offset where in the file
     * @param data comes back in {@link #data}
     * @param eventFd to which one is added when it is done; negative for none
     * @return 1; or the negative errno
     */
    public int read(int place, int fd, long into, long bytes, long offset, long data, int eventFd) {
        return submit(PREAD, place, fd, into, bytes, offset, data, eventFd);
    }

    private int submit(short opcode, int place, int fd, long buffer, long bytes, long offset, long data, int eventFd) {
        int at = Objects.checkIndex(place, places) * IOCB;
        memory.putLong(at, data)
                .putLong(at + 8, 0)
                .putShort(at + 16, opcode)
                .putShort(at + 18, (short) 0)
                .putInt(at + 20, fd)
                .putLong(at + 24, buffer)
                .putLong(at + 32, bytes)
                .putLong(at + 40, offset)
                .putLong(at + 48, 0)
                .putInt(at + 56, eventFd < 0 ? 0 : RESFD)
                .putInt(at + 60, Math.max(eventFd, 0));
        return call(SystemCall.IO_SUBMIT, context, 1, address + pointers + (long) place * POINTER, 0, 0);
    }

    /**
     * Takes events.
     *
     * @param most how many at most
     * @param nanos how long to wait for the first; negative for ever
     * @return how many; or the negative errno, of which -EINTR is to be expected
     */
    public int take(int most, long nanos) {
        memory.putLong(timeout, Math.max(nanos, 0) / 1_000_000_000)
                .putLong(timeout + 8, Math.max(nanos, 0) % 1_000_000_000);
        return call(
                SystemCall.IO_GETEVENTS,
                context,
                nanos == 0 ? 0 : 1,
                Math.min(most, places),
                address + events,
                nanos < 0 ? 0 : address + timeout);
    }

    /**
     * The data of an event.
     *
     * @param index below the last {@link #take}'s result
     * @return what was submitted with it
     */
    public long data(int index) {
        return memory.getLong(event(index));
    }

    /**
     * The place of an event, which is free again.
     *
     * @param index below the last {@link #take}'s result
     * @return where it was submitted
     */
    public int place(int index) {
        return (int) ((memory.getLong(event(index) + 8) - address) / IOCB);
    }

    /**
     * The first result of an event.
     *
     * @param index below the last {@link #take}'s result
     * @return bytes, or the negative errno
     */
    public long result(int index) {
        return memory.getLong(event(index) + 16);
    }

    /**
     * The second result of an event.
     *
     * @param index below the last {@link #take}'s result
     * @return what the device says
     */
    public long secondResult(int index) {
        return memory.getLong(event(index) + 24);
    }

    private int event(int index) {
        return events + Objects.checkIndex(index, places) * EVENT;
    }

    /**
     * Asks that a request be given up; most devices cannot.
     *
     * @param place where it was submitted
     * @return the negative errno: -EINPROGRESS (115) when it will be, -EINVAL when it cannot or is done
     */
    public int cancel(int place) {
        int at = Objects.checkIndex(place, places) * IOCB;
        return call(SystemCall.IO_CANCEL, context, address + at, address + events, 0, 0);
    }

    private int call(SystemCall which, long a, long b, long c, long d, long e) {
        try {
            return (int) which.call(a, b, c, d, e);
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /** Ends the context, once, and waits for all that is under way: for as long as the device takes. */
    public synchronized void close() {
        if (!closed) {
            closed = true;
            int unused = call(SystemCall.IO_DESTROY, context, 0, 0, 0, 0);
        }
    }
}
