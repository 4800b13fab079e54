package org.rddma.driver;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.ring.SpinLock;

/**
 * One command at a time: <i>blocking ordered</i> with {@link #call}, <i>non-blocking ordered</i> with {@link #invoke}
 * and {@link #result}.
 *
 * <p>Both modes are those of the document on the modes of RDDMA ({@code rddma-modes.txt}, BO and NBIO). As it says
 * there, the descriptor is a non-blocking one in both, and {@code call} writes, polls and reads; a second command
 * before the first one's reply is refused (EBUSY), so that replies cannot overtake each other. For the raw blocking
 * descriptor, where the write returns when the command is done, use {@link DriverFile}.
 *
 * <p>All of it holds on the real device as over the emulator. The one difference: the device takes any number of
 * commands, the emulator may wait until replies have been read; that wait is here, and ends as the others do.
 *
 * <p>Each command goes out with a request tag of the connection's own, in place of any it has. So the reply of a
 * command that was given up (its time was over, the thread was interrupted) is not taken for the next one's: it is
 * dropped and {@linkplain #counters() counted}.
 *
 * <p>For one thread at a time, which need not be the same one always: a second one is refused (EBUSY). Any thread may
 * close it at any time, and ends the wait.
 */
public final class RddmaConnection implements AutoCloseable {
    /** How many lines of others are read before it is looked whether the wait is over: a driver may never end. */
    private static final int BATCH = 64;

    private final DriverFile file;
    private final DriverLines lines;
    private final long timeoutNanos;
    private final PendingReplies replies = new PendingReplies();
    private final AtomicReference<Thread> user = new AtomicReference<>();
    private final One one = new One();
    private volatile boolean closed;

    /** The one request; only its user touches it. */
    private static final class One implements PendingReplies.Taker {
        private String tag;
        private Reply reply;

        @Override
        public boolean answered(String answeredTag, Reply answer) {
            if (!answeredTag.equals(tag)) {
                return false;
            }
            reply = answer;
            return true;
        }

        @Override
        public void failed(VerbsException cause) {}
    }

    private RddmaConnection(DriverFile file, long timeout, TimeUnit unit) {
        this.file = file;
        timeoutNanos = timeout < 0 ? -1 : unit.toNanos(timeout);
        lines = new DriverLines(file);
    }

    /**
     * Opens a driver ({@code rddma_open}).
     *
     * @param path of the device file or of a driver's socket; null for the default, see {@link DriverFile}
     * @param timeout how long a wait for a reply may take; 0 does not wait, negative for ever
     * @param unit of the timeout
     * @return the connection
     * @throws VerbsException as {@link DriverFile} says
     */
    public static RddmaConnection open(String path, long timeout, TimeUnit unit) {
        Objects.requireNonNull(unit, "unit");
        return new RddmaConnection(DriverFile.open(path, true), timeout, unit);
    }

    /**
     * Over a file that is open, which becomes a non-blocking one and is closed with the connection.
     *
     * @param file nobody else reads from it
     * @param timeout as for {@link #open}
     * @param unit of the timeout
     * @return the connection
     */
    public static RddmaConnection over(DriverFile file, long timeout, TimeUnit unit) {
        Objects.requireNonNull(unit, "unit");
        return new RddmaConnection(file, timeout, unit);
    }

    /**
     * The descriptor, for a poll of your own ({@code rddma_fileno}).
     *
     * @return readable exactly while a reply waits
     */
    public int fd() {
        return file.fd();
    }

    /**
     * Does a command and waits for its reply ({@code rddma_do_cmd}).
     *
     * @param command what to do
     * @return its reply, whatever its result; null when there was none in time, or the thread was interrupted, whose
     *     status stays: the command is given up then, though the driver may still carry it out
     * @throws VerbsException EBUSY when an invoked command's result has not been taken, or another thread is here;
     *     EBADF when it is closed, also meanwhile; EIO when the driver is gone
     */
    public Reply call(Command command) {
        Objects.requireNonNull(command, "command");
        enter("call");
        boolean busy = one.tag != null;
        try {
            if (!start("call", command)) {
                return null;
            }
            return await();
        } finally {
            if (one.tag != null && !busy) {
                giveUp();
            }
            leave();
        }
    }

    /**
     * Hands the driver a command, to do something else meanwhile ({@code rddma_invoke_cmd}).
     *
     * @param command what to do
     * @return false when the driver took no command in time, or the thread was interrupted: nothing was sent
     * @throws VerbsException EBUSY when the result of the one before has not been taken, or another thread is here;
     *     EBADF when it is closed, also meanwhile; EIO when the driver is gone
     */
    public boolean invoke(Command command) {
        Objects.requireNonNull(command, "command");
        enter("invoke");
        try {
            return start("invoke", command);
        } finally {
            leave();
        }
    }

    /**
     * Takes the reply to the invoked command, and waits for it ({@code rddma_get_result}).
     *
     * @return its reply; null when there was none in time, or the thread was interrupted, whose status stays: call it
     *     again, or {@link #cancel()}
     * @throws VerbsException EINVAL when nothing was invoked; EBUSY when another thread is here; EBADF when it is
     *     closed, also meanwhile; EIO when the driver is gone
     */
    public Reply result() {
        enter("result");
        try {
            if (one.tag == null) {
                throw new VerbsException("result", Errno.EINVAL, "invoke a command first");
            }
            return await();
        } finally {
            leave();
        }
    }

    /**
     * Waits no more for the reply of the invoked command; it is dropped when it comes.
     *
     * @return false when nothing was invoked
     * @throws VerbsException EBUSY when another thread is here
     */
    public boolean cancel() {
        enter("cancel");
        try {
            boolean any = one.tag != null;
            if (any) {
                giveUp();
            }
            return any;
        } finally {
            leave();
        }
    }

    /**
     * What became of the replies.
     *
     * @return a snapshot
     */
    public ReplyCounters counters() {
        return replies.counters();
    }

    private boolean start(String verb, Command command) {
        if (one.tag != null) {
            throw new VerbsException(verb, Errno.EBUSY, "take the result of the command before, or cancel it");
        }
        String tag = replies.register(one);
        boolean sent = false;
        try {
            String text = command.withRequest(tag).toString();
            long start = System.nanoTime();
            sent = lines.send(text);
            for (int attempt = 0; !sent; attempt++) {
                readAll(); // replies of those given up keep the driver from taking more
                boolean over = timeoutNanos >= 0 && System.nanoTime() - start >= timeoutNanos;
                if (over || Thread.currentThread().isInterrupted()) {
                    return false;
                }
                SpinLock.backOff(attempt);
                sent = lines.send(text);
            }
            one.tag = tag;
            return true;
        } finally {
            if (!sent) {
                replies.withdraw(tag);
            }
        }
    }

    private Reply await() {
        long start = System.nanoTime();
        while (true) {
            readAll();
            if (one.reply != null) {
                Reply reply = one.reply;
                one.tag = null;
                one.reply = null;
                return reply;
            }
            long left = timeoutNanos < 0 ? -1 : Math.max(0, timeoutNanos - (System.nanoTime() - start));
            if (!Waits.await(file, left) || Thread.currentThread().isInterrupted()) {
                return null;
            }
        }
    }

    private void readAll() {
        for (int i = 0; i < BATCH && one.reply == null; i++) {
            String line = lines.receive();
            if (line == null) {
                return;
            }
            replies.deliver(line);
        }
    }

    private void giveUp() {
        String tag = one.tag;
        one.tag = null;
        one.reply = null;
        replies.giveUp(tag, one);
    }

    private void enter(String verb) {
        if (closed) {
            throw new VerbsException(verb, Errno.EBADF, "the connection is closed");
        }
        if (!user.compareAndSet(null, Thread.currentThread())) {
            throw new VerbsException(
                    verb,
                    Errno.EBUSY,
                    "another thread uses this connection: open one per thread, or an AsyncConnection");
        }
    }

    private void leave() {
        user.set(null);
    }

    /** Closes it, once: a wait ends with EBADF. Commands under way are carried out, their replies dropped. */
    @Override
    public void close() {
        closed = true;
        file.close();
    }
}
