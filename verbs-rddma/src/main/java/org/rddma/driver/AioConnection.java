package org.rddma.driver;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.rddma.driver.internal.SocketDriverFile;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.channel.DescriptorWait;
import org.rddma.verbs.internal.os.EventFd;
import org.rddma.verbs.internal.os.Os;

/**
 * <i>Asynchronous I/O announced by an eventfd</i>: any number of commands at once, each with a buffer that its reply is
 * put into and a 64-bit cookie that comes back.
 *
 * <p>The document on the modes of RDDMA ({@code rddma-modes.txt}) names this mode, and the one on its interface
 * ({@code rddma-api.txt}) describes it: the cookie stands for whatever the program connects with the request.
 *
 * <p>On a real device this is Linux asynchronous I/O ({@code io_submit}, {@code io_getevents}): the driver takes the
 * command as a write, puts the reply into the caller's buffer itself, and the system signals the eventfd. A driver in
 * user space is behind a socket, which has no such thing: there the contract is kept with framed commands; the
 * driver signals the eventfd, and the reply is copied into the caller's buffer when the completion is taken. Callers
 * cannot tell the one from the other, but for the time: on a device the buffer is written at any moment, also after a
 * close, until the command is done.
 *
 * <p>Every command that was accepted completes once, with {@code -EIO} when the driver goes away; after a close nothing
 * is told any more. Safe for use by several threads.
 */
public final class AioConnection implements AutoCloseable {
    /** How much room a buffer needs: the longest reply of the real driver and a NUL, in one piece. */
    public static final int REPLY_BYTES = 1024;

    private static final int PAGE = 4096;
    private static final int LONGEST_COMMAND = 4096;

    private final AioPort port;
    private final EventFd event;
    private final DescriptorWait wait;
    private final ReentrantLock taking = new ReentrantLock();
    private final Object lock = new Object();

    /*
     * guarded by the lock: what is under way, by place, and which places are free. Between taking a place and submitting
     * anything may happen to it: the reply may come first, or the driver be found gone. So a place is known by the very
     * buffer that was put there, and what is not submitted yet is not completed as lost: its submit fails instead.
     */
    private final long[] cookies;
    private final ByteBuffer[] buffers;
    private final boolean[] submitted;
    private final int[] free;
    private int freeCount;
    private boolean broken;

    AioConnection(AioPort port, EventFd event, int places) {
        this.port = port;
        this.event = event;
        cookies = new long[places];
        buffers = new ByteBuffer[places];
        submitted = new boolean[places];
        free = new int[places];
        for (int i = 0; i < places; i++) {
            free[freeCount++] = places - 1 - i;
        }
        wait = new DescriptorWait("the connection", () -> port.close(underWay() > 0));
    }

    /**
     * Opens a driver.
     *
     * @param path of the device file or of a driver's socket; null for the default, see {@link DriverFile}
     * @param places how many commands can be under way, 1 to 65536
     * @return the connection
     * @throws VerbsException EINVAL for another number, EAGAIN when the system has no room for so many, otherwise as
     *     {@link DriverFile} says
     */
    public static AioConnection open(String path, int places) {
        requirePlaces(places);
        DriverFile file = DriverFile.open(path, true);
        try {
            return over(file, places);
        } catch (RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    /**
     * Over a file that is open, and is closed with the connection.
     *
     * @param file nobody else uses it
     * @param places how many commands can be under way, 1 to 65536
     * @return the connection
     * @throws VerbsException EINVAL for another number, EAGAIN when the system has no room for so many
     */
    public static AioConnection over(DriverFile file, int places) {
        requirePlaces(places);
        return over(file, file instanceof SocketDriverFile socket ? socket::writeAnnounced : null, places);
    }

    /** With a writer of announced commands; null when the system's asynchronous I/O does it. */
    static AioConnection over(DriverFile file, AnnouncedAio.Writer writer, int places) {
        EventFd event = EventFd.counter("open");
        try {
            AioPort port =
                    writer == null ? new KernelAio(file, event, places) : new AnnouncedAio(file, writer, event, places);
            return new AioConnection(port, event, places);
        } catch (RuntimeException | Error e) {
            event.close();
            throw e;
        }
    }

    private static void requirePlaces(int places) {
        if (places < 1 || places > 65536) {
            throw new VerbsException("open", Errno.EINVAL, "1 to 65536 commands can be under way, not " + places);
        }
    }

    /**
     * A buffer as {@link #submit} wants it.
     *
     * @return direct, {@value #REPLY_BYTES} bytes that lie in one page
     */
    public static ByteBuffer replyBuffer() {
        return Os.allocate(REPLY_BYTES, REPLY_BYTES, "replyBuffer");
    }

    /**
     * The eventfd, for a poll of your own.
     *
     * @return readable when there may be completions, which {@link #completions(AioCompletion[])} then takes; do not
     *     read it yourself. It does not tell that the driver is gone, which a wait here does
     */
    public int fd() {
        wait.requireOpen("fd");
        return event.fd();
    }

    /**
     * Hands the driver a command.
     *
     * @param command what to do; a request tag that it has is the program's own affair
     * @param reply where the reply is put, from its position on: direct, writable, with at least {@value #REPLY_BYTES}
     *     bytes that lie in one page, as {@link #replyBuffer()} gives them (the real driver knows neither the
     *     buffer's end nor how to cross a page). The driver's until the completion has been taken
     * @param cookie any value
     * @return false when all places are taken, or the driver takes no command now: take completions first
     * @throws VerbsException EINVAL for another buffer; EBADF when it is closed; EIO when the driver is gone: in all
     *     cases nothing was submitted
     */
    public boolean submit(Command command, ByteBuffer reply, long cookie) {
        Objects.requireNonNull(command, "command");
        requireBuffer(reply);
        byte[] text = command.toString().getBytes(StandardCharsets.ISO_8859_1);
        if (text.length > LONGEST_COMMAND) {
            throw new VerbsException("submit", Errno.EINVAL, "a command of " + text.length + " bytes is too long");
        }
        wait.enter("submit");
        try {
            ByteBuffer into = reply.slice(); // whatever the caller does with position and limit
            int place = takePlace(into, cookie);
            if (place < 0) {
                return false;
            }
            int result = -Errno.EIO;
            try {
                result = port.submit(place, text, into, cookie);
            } finally {
                if (!settle(place, into, result >= 0)) {
                    result = -Errno.EIO;
                }
            }
            if (result < 0 && result != -Errno.EAGAIN && result != -Errno.EINTR) {
                throw new VerbsException("submit", -result, "the driver takes no asynchronous command");
            }
            return result >= 0;
        } finally {
            wait.leave();
        }
    }

    private static void requireBuffer(ByteBuffer reply) {
        if (reply == null || !reply.isDirect() || reply.isReadOnly() || reply.remaining() < REPLY_BYTES) {
            throw new VerbsException(
                    "submit", Errno.EINVAL, "a reply needs a direct buffer with " + REPLY_BYTES + " bytes left");
        }
        long address = Os.addressOf(reply) + reply.position();
        if ((address & PAGE - 1) + REPLY_BYTES > PAGE) {
            throw new VerbsException(
                    "submit",
                    Errno.EINVAL,
                    "the first " + REPLY_BYTES + " bytes of the buffer must lie in one page: use replyBuffer()");
        }
    }

    private int takePlace(ByteBuffer reply, long cookie) {
        synchronized (lock) {
            if (broken) {
                throw gone();
            }
            if (freeCount == 0) {
                return -1;
            }
            int place = free[--freeCount];
            cookies[place] = cookie;
            buffers[place] = reply;
            submitted[place] = false;
            return place;
        }
    }

    /**
     * The end of a submit.
     *
     * @return false when it got through to a driver that was found gone meanwhile: then nobody completes it any more
     */
    @SuppressWarnings("ReferenceEquality") // equal buffers are elsewhere
    private boolean settle(int place, ByteBuffer reply, boolean accepted) {
        synchronized (lock) {
            if (buffers[place] != reply) {
                return true; // its reply came first
            }
            submitted[place] = accepted && !broken;
            if (!submitted[place]) {
                freePlace(place);
            }
            return !accepted || !broken;
        }
    }

    private void freePlace(int place) {
        buffers[place] = null;
        free[freeCount++] = place;
    }

    /**
     * Takes completions, and waits for the first.
     *
     * @param into where they are put, from index 0 on; not empty
     * @return how many; 0 when the thread was interrupted, whose status stays
     * @throws VerbsException EINVAL when there is no room; EBADF when it is closed, also meanwhile; EIO when the driver
     *     is gone and nothing is under way any more
     */
    public int completions(AioCompletion[] into) {
        return completions(into, -1);
    }

    /**
     * Takes completions, and waits for the first no longer than given.
     *
     * @param into where they are put, from index 0 on; not empty
     * @param timeout how long; 0 or less does not wait
     * @param unit of the timeout
     * @return as {@link #completions(AioCompletion[])}; 0 also after the time
     * @throws VerbsException as {@link #completions(AioCompletion[])}
     */
    public int completions(AioCompletion[] into, long timeout, TimeUnit unit) {
        return completions(into, Math.max(0, unit.toNanos(timeout)));
    }

    private int completions(AioCompletion[] into, long nanos) {
        if (into.length == 0) {
            throw new VerbsException("completions", Errno.EINVAL, "there is no room for a completion");
        }
        long start = System.nanoTime();
        wait.enter("completions");
        try {
            while (true) {
                int taken = take(into);
                long left = nanos < 0 ? -1 : Math.max(0, nanos - (System.nanoTime() - start));
                if (taken > 0 || left == 0) {
                    return taken;
                }
                boolean unused = wait.await(event.fd(), false, port.hangUp(), left, "completions");
            }
        } catch (VerbsException e) {
            if (e.errno() == Errno.EINTR) {
                return 0;
            }
            throw e;
        } finally {
            wait.leave();
        }
    }

    private int take(AioCompletion[] into) {
        taking.lock();
        try {
            boolean unused = event.take(); // first: what comes from here on signals it again
            Taken taken = new Taken(into);
            try {
                int unusedCount = port.take(into.length, taken);
            } catch (VerbsException e) {
                if (e.errno() != Errno.EIO) {
                    throw e;
                }
                takeBroken(taken);
            }
            if (taken.count == into.length) {
                event.signal(); // there may be more, and whoever polls the descriptor must see that
            }
            return taken.count;
        } finally {
            taking.unlock();
        }
    }

    /** The driver is gone: what was under way is done. */
    private void takeBroken(Taken taken) {
        synchronized (lock) {
            broken = true;
            for (int place = 0; place < buffers.length && taken.count < taken.into.length; place++) {
                if (buffers[place] != null && submitted[place]) {
                    taken.completed(place, -Errno.EIO, 0);
                }
            }
        }
        if (taken.count == 0) {
            throw gone();
        }
    }

    private static VerbsException gone() {
        return new VerbsException("completions", Errno.EIO, "the driver is gone: close this and open it again");
    }

    private final class Taken implements AioPort.Sink {
        private final AioCompletion[] into;
        private int count;

        Taken(AioCompletion[] into) {
            this.into = into;
        }

        @Override
        public ByteBuffer buffer(int place) {
            synchronized (lock) {
                return buffers[place];
            }
        }

        @Override
        public void completed(int place, long result, int replyLength) {
            synchronized (lock) {
                if (buffers[place] == null) {
                    return; // its submit has failed: the driver answers what it has not got
                }
                into[count++] = new AioCompletion(cookies[place], result, buffers[place], replyLength);
                freePlace(place);
            }
        }
    }

    /**
     * How many commands have been submitted and not been taken as completions.
     *
     * @return 0 or more
     */
    public int underWay() {
        synchronized (lock) {
            return free.length - freeCount;
        }
    }

    /** Closes it, once: waits end with EBADF. Commands under way are carried out; nobody is told. */
    @Override
    public void close() {
        wait.close();
    }
}
