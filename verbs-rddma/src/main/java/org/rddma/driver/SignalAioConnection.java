package org.rddma.driver;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.channel.InterruptHook;
import org.rddma.verbs.internal.os.ThreadSignals;
import org.rddma.verbs.internal.ring.SpinLock;

/**
 * <i>Asynchronous I/O announced by a signal</i>: as {@link AioConnection}, but each completion is announced by a
 * realtime signal, with the cookie as its value, to the thread that opened the connection.
 *
 * <p>The document on the modes of RDDMA ({@code rddma-modes.txt}) has a heading for this mode and nothing under it;
 * the original never had it, and no driver sends a signal: neither the device, whose file has no {@code fasync} and
 * whose asynchronous writes Linux announces by eventfd only, nor the one in user space. So on both a thread of the
 * connection takes the completions and sends the signals. The opening thread blocks the signal before anyone knows of
 * it and takes it with {@code sigtimedwait}: no handler runs, and a signal that finds the thread gone is ignored.
 *
 * <p>Any thread may submit and close; only the one that opened takes completions. It must be a platform thread, may
 * have one such connection at a time, and should close it itself: its signals are then blocked no longer.
 */
public final class SignalAioConnection implements AutoCloseable {
    private static final int BATCH = 64;

    /** A wake-up is a signal too, and is lost when the system holds as many of this user's as it may. */
    private static final long LONGEST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final AioConnection aio;
    private final ThreadSignals signals;
    private final InterruptHook hook;
    private final Thread announcer;

    /** Announced, in the order of the signals. */
    private final ConcurrentLinkedQueue<AioCompletion> announced = new ConcurrentLinkedQueue<>();

    private volatile boolean closed;

    /** Why the announcer has ended; null while it runs. */
    private volatile VerbsException end;

    private SignalAioConnection(AioConnection aio, ThreadSignals signals) {
        this.aio = aio;
        this.signals = signals;
        hook = new InterruptHook(signals::wakeup);
        announcer = new Thread(this::announce, "rddma aio announcer");
        announcer.setDaemon(true);
        announcer.start();
    }

    /**
     * Opens a driver, and makes the calling thread the one that completions are announced to.
     *
     * @param path of the device file or of a driver's socket; null for the default, see {@link DriverFile}
     * @param places how many commands can be under way, 1 to 65536
     * @return the connection
     * @throws VerbsException EBUSY when the thread has such a connection; EOPNOTSUPP in a virtual thread; ENOSYS where
     *     no signal is free; otherwise as {@link AioConnection#open}
     */
    public static SignalAioConnection open(String path, int places) {
        return over(AioConnection.open(path, places));
    }

    /**
     * Over a connection that is open, and is closed with this one.
     *
     * @param aio nobody else takes its completions
     * @return the connection
     * @throws VerbsException EBUSY, EOPNOTSUPP, ENOSYS as {@link #open}; then the other is closed too
     */
    public static SignalAioConnection over(AioConnection aio) {
        try {
            return new SignalAioConnection(aio, ThreadSignals.open("open"));
        } catch (RuntimeException | Error e) {
            aio.close();
            throw e;
        }
    }

    private void announce() {
        AioCompletion[] batch = new AioCompletion[BATCH];
        try {
            while (true) {
                int taken = aio.completions(batch);
                for (int i = 0; i < taken; i++) {
                    announced.add(batch[i]);
                    send(batch[i].cookie());
                    batch[i] = null;
                }
                boolean unused = Thread.interrupted(); // nothing to this thread: close the connection to end it
            }
        } catch (VerbsException e) {
            end = e;
            signals.wakeup();
        }
    }

    private void send(long cookie) {
        // the system holds a limited number of signals: the owner has to take some
        for (int attempt = 0; signals.send(cookie) == -Errno.EAGAIN && !closed; attempt++) {
            SpinLock.backOff(attempt);
        }
    }

    /**
     * The number of the signal.
     *
     * @return a realtime signal of the process that nobody else used when it was chosen
     */
    public int signal() {
        return ThreadSignals.signal();
    }

    /**
     * Hands the driver a command.
     *
     * @param command as for {@link AioConnection#submit}
     * @param reply as for {@link AioConnection#submit}
     * @param cookie comes as the signal's value
     * @return as {@link AioConnection#submit}
     * @throws VerbsException as {@link AioConnection#submit}
     */
    public boolean submit(Command command, ByteBuffer reply, long cookie) {
        return aio.submit(command, reply, cookie);
    }

    /**
     * Takes completions as their signals come, and waits for the first.
     *
     * @param into where they are put, from index 0 on; not empty
     * @return how many; 0 when the thread was interrupted, whose status stays
     * @throws VerbsException EPERM in another thread than the one that opened it; otherwise as
     *     {@link AioConnection#completions(AioCompletion[])}
     */
    public int completions(AioCompletion[] into) {
        return completions(into, -1);
    }

    /**
     * Takes completions as their signals come, and waits for the first no longer than given.
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
        long left = 0; // what has come already is taken without waiting
        while (true) {
            requireOpen();
            VerbsException over = end;
            int taken = awaitSignal(left) ? takeAnnounced(into) : 0;
            if (taken > 0) {
                return taken;
            }
            requireOpen();
            if (over != null && announced.isEmpty()) {
                throw over.onBehalfOf("completions");
            }
            left = nanos < 0 ? -1 : Math.max(0, nanos - (System.nanoTime() - start));
            if (left == 0 || Thread.currentThread().isInterrupted()) {
                return 0;
            }
            left = left < 0 ? LONGEST_WAIT_NANOS : Math.min(left, LONGEST_WAIT_NANOS);
        }
    }

    private boolean awaitSignal(long nanos) {
        try {
            return nanos == 0 ? signals.await(0) : hook.around(() -> signals.await(nanos));
        } catch (VerbsException e) {
            throw e.onBehalfOf("completions");
        }
    }

    /** One completion for the signal that has come, and one more for each that comes without waiting. */
    private int takeAnnounced(AioCompletion[] into) {
        int taken = 0;
        do {
            AioCompletion next = announced.poll();
            if (next != null) {
                into[taken++] = next;
            }
        } while (taken < into.length && signals.await(0));
        return taken;
    }

    private void requireOpen() {
        if (closed) {
            signals.close(); // now: the thread that closes may not have come so far, and this one may open another
            throw new VerbsException("completions", Errno.EBADF, "the connection is closed");
        }
    }

    /**
     * Closes it, once: the wait ends with EBADF, and completions that have not been taken are dropped. Commands under
     * way are carried out; nobody is told.
     */
    @Override
    public void close() {
        closed = true;
        aio.close();
        boolean interrupted = false;
        while (announcer.isAlive()) {
            try {
                announcer.join(); // at once: its wait has ended, and it does not insist on its signals any more
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        signals.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
