package org.rddma.driver;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.ring.SpinLock;

/**
 * Any number of commands at once, whose replies come in any order: <i>non-blocking out of order</i>.
 *
 * <p>The mode is that of the document on the modes of RDDMA ({@code rddma-modes.txt}, NBOO): each thread has a
 * {@linkplain #handle handle}, invokes a command with it and waits for the handle's reply; one dispatcher reads all
 * replies and wakes their owners. The dispatcher is a thread of the connection ({@link #startDispatcher}), or one of
 * yours that calls {@link #dispatch}.
 *
 * <p>All of it holds on the real device as over the emulator. Where the original puts the address of the handle into
 * the request tag and trusts what comes back, the tags here are numbers that are looked up: a reply that belongs to
 * nobody, or to someone who has given up, is dropped and {@linkplain #counters() counted}. The device takes any number
 * of commands; the emulator may want replies to be read first, which an invoking thread then does itself when no
 * dispatcher is at work.
 *
 * <p>Safe for use by any number of threads.
 */
public final class AsyncConnection implements AutoCloseable {
    /** How many lines are read before it is looked whether to go on: a driver may never end. */
    private static final int BATCH = 1024;

    private final DriverFile file;
    private final DriverLines lines;
    private final PendingReplies replies = new PendingReplies();
    private final AtomicBoolean dispatching = new AtomicBoolean();
    private final ReentrantLock reading = new ReentrantLock();
    private final Object life = new Object();
    private Thread dispatcher;

    /** Why nothing comes any more; null while it may. */
    private volatile VerbsException end;

    private AsyncConnection(DriverFile file) {
        this.file = file;
        lines = new DriverLines(file);
    }

    /**
     * Opens a driver ({@code rddma_open}).
     *
     * @param path of the device file or of a driver's socket; null for the default, see {@link DriverFile}
     * @return the connection, without a dispatcher
     * @throws VerbsException as {@link DriverFile} says
     */
    public static AsyncConnection open(String path) {
        return new AsyncConnection(DriverFile.open(path, true));
    }

    /**
     * Over a file that is open, which becomes a non-blocking one and is closed with the connection.
     *
     * @param file nobody else reads from it
     * @return the connection, without a dispatcher
     */
    public static AsyncConnection over(DriverFile file) {
        return new AsyncConnection(file);
    }

    /**
     * The descriptor, for a poll of your own ({@code rddma_fileno}).
     *
     * @return readable exactly while a reply waits that {@link #dispatch} would deliver
     */
    public int fd() {
        return file.fd();
    }

    /**
     * A handle for one request at a time ({@code rddma_alloc_async_handle}).
     *
     * @return a handle, to be closed when it is no longer needed
     */
    public AsyncHandle handle() {
        return new AsyncHandle(this);
    }

    /**
     * Hands the driver a command, with a new handle.
     *
     * @param command what to do
     * @return where its reply comes; closing it gives the reply up
     * @throws VerbsException as {@link AsyncHandle#invoke}
     */
    public AsyncHandle invoke(Command command) {
        AsyncHandle handle = handle();
        handle.invoke(command);
        return handle;
    }

    /**
     * Starts a thread that dispatches until the connection is closed or the driver gone.
     *
     * @throws VerbsException EBUSY when it has been started; EBADF when the connection is closed
     */
    public void startDispatcher() {
        synchronized (life) {
            requireOpen("startDispatcher");
            if (dispatcher != null) {
                throw new VerbsException("startDispatcher", Errno.EBUSY, "the dispatcher runs already");
            }
            if (!dispatching.compareAndSet(false, true)) {
                throw new VerbsException("startDispatcher", Errno.EBUSY, "another thread dispatches: one is enough");
            }
            dispatcher = new Thread(this::dispatchUntilTheEnd, "rddma dispatcher " + file.fd());
            dispatcher.setDaemon(true);
            dispatcher.start();
        }
    }

    private void dispatchUntilTheEnd() {
        try {
            while (end == null) {
                int unused = readOrWait(-1);
                // an interrupt is nothing to this thread: whoever wants to end it closes the connection
                boolean unusedStatus = Thread.interrupted();
            }
        } catch (VerbsException e) {
            fail(e);
        } catch (RuntimeException | Error e) {
            fail(new VerbsException("dispatch", Errno.EIO, "the dispatcher has failed: " + e, e));
            throw e;
        }
    }

    /**
     * Delivers the replies that have come, or a thousand of them, and waits for the first ({@code rddma_post_async_handle}).
     *
     * @param timeout how long; 0 or less does not wait
     * @param unit of the timeout
     * @return how many were read, also those that belong to nobody; 0 after the time, when an invoking thread has read
     *     them, or when the thread was interrupted, whose status stays
     * @throws VerbsException EBUSY when another thread dispatches; EBADF when it is closed, also meanwhile; EIO when
     *     the driver is gone
     */
    public int dispatch(long timeout, TimeUnit unit) {
        long nanos = Math.max(0, unit.toNanos(timeout));
        if (!dispatching.compareAndSet(false, true)) {
            throw new VerbsException("dispatch", Errno.EBUSY, "another thread dispatches: one is enough");
        }
        try {
            return readOrWait(nanos);
        } catch (VerbsException e) {
            if (e.errno() == Errno.EIO) {
                fail(e);
            }
            throw e;
        } finally {
            dispatching.set(false);
        }
    }

    private int readOrWait(long nanos) {
        requireOpen("dispatch");
        int read = drain();
        if (read == 0 && Waits.await(file, nanos)) {
            read = drain();
        }
        return read;
    }

    private int drain() {
        reading.lock();
        try {
            return deliver(BATCH);
        } finally {
            reading.unlock();
        }
    }

    private int deliver(int most) {
        for (int read = 0; read < most; read++) {
            String line = lines.receive();
            if (line == null) {
                return read;
            }
            replies.deliver(line);
        }
        return most;
    }

    /** Reads a reply, unless someone else reads already: perhaps nobody else makes room for a command. */
    private void makeRoom() {
        if (reading.tryLock()) {
            try {
                int unused = deliver(1);
            } finally {
                reading.unlock();
            }
        }
    }

    /** Gives the command a tag and sends it; the owner learns the tag first. */
    void send(Command command, String tag) {
        String text = command.withRequest(tag).toString();
        for (int attempt = 0; !lines.send(text); attempt++) {
            requireOpen("invoke");
            if (Thread.currentThread().isInterrupted()) {
                throw new VerbsException(
                        "invoke", Errno.EINTR, "the thread was interrupted before the driver took the command");
            }
            makeRoom();
            SpinLock.backOff(attempt);
        }
    }

    PendingReplies replies() {
        return replies;
    }

    /** Fails when nothing comes any more. */
    void requireOpen(String verb) {
        VerbsException why = end;
        if (why != null) {
            throw why.onBehalfOf(verb);
        }
    }

    /** Tells those who came while it ended; for whoever has just registered. */
    void failIfEnded() {
        VerbsException why = end;
        if (why != null) {
            replies.failAll(why);
        }
    }

    private void fail(VerbsException why) {
        synchronized (life) {
            if (end == null) {
                end = why;
            }
        }
        replies.failAll(end);
    }

    /**
     * What became of the replies.
     *
     * @return a snapshot
     */
    public ReplyCounters counters() {
        return replies.counters();
    }

    /**
     * Closes it, once: all waits end with EBADF, here and at the handles. Commands under way are carried out, their
     * replies dropped. Returns when the connection's dispatcher has ended.
     */
    @Override
    public void close() {
        fail(new VerbsException("close", Errno.EBADF, "the connection is closed"));
        file.close();
        Thread ending;
        synchronized (life) {
            ending = dispatcher;
        }
        boolean interrupted = false;
        while (ending != null && ending.isAlive() && !Objects.equals(ending, Thread.currentThread())) {
            try {
                ending.join();
            } catch (InterruptedException e) {
                interrupted = true; // it ends at once: nothing of the user's runs there
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
