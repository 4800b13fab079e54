package org.rddma.driver;

import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * A ready-made frame for an event-driven program: one thread, any number of commands under way, and a closure for each
 * that is called with its reply.
 *
 * <p>This is the third style of the document on RDDMA's interface ({@code rddma-api.txt}), with the closures of the
 * original's frame: one that returns true has its command run again. It holds on a real device as over the emulator.
 *
 * <p>The loop is the thread that is in {@link #run}; closures and tasks run there and nowhere else, one at a time. The
 * connection's dispatcher reads the replies and hands them over, so that tasks of other threads wake the loop as
 * replies do; it costs a change of threads for each batch. Other methods are safe for use by any thread.
 */
public final class EventLoopFrame implements AutoCloseable {
    private final AsyncConnection connection;
    private final LinkedBlockingQueue<Runnable> events = new LinkedBlockingQueue<>();
    private final Object lock = new Object();
    private Thread loop;
    private volatile boolean stopped;

    /** Set before the end is announced: the driver is gone, or the connection closed. */
    private volatile VerbsException failure;

    /** Is nothing to do: the loop looks around. */
    private static void wake() {}

    /** What is done with a reply. */
    @FunctionalInterface
    public interface Closure {
        /**
         * Takes a reply, in the loop's thread.
         *
         * @param reply whatever its result
         * @return true to run the same command again
         */
        boolean replied(Reply reply);
    }

    /**
     * On a connection, which is closed with the frame, and whose dispatcher the frame starts.
     *
     * @param connection without a dispatcher
     */
    public EventLoopFrame(AsyncConnection connection) {
        this.connection = connection;
        connection.startDispatcher();
    }

    /**
     * On a connection of its own.
     *
     * @param path as for {@link AsyncConnection#open}
     * @return the frame
     */
    public static EventLoopFrame open(String path) {
        return new EventLoopFrame(AsyncConnection.open(path));
    }

    /**
     * Hands the driver a command.
     *
     * @param command what to do
     * @param closure called with its reply
     * @throws VerbsException EAGAIN when the driver owes too many replies; EBADF when it is closed, EINTR and EIO as
     *     {@link AsyncHandle#invoke}: in all cases nothing was sent
     */
    public void submit(Command command, Closure closure) {
        Objects.requireNonNull(command, "command");
        new Request(command, Objects.requireNonNull(closure, "closure")).send();
    }

    private final class Request implements PendingReplies.Taker {
        private final Command command;
        private final Closure closure;

        Request(Command command, Closure closure) {
            this.command = command;
            this.closure = closure;
        }

        void send() {
            connection.requireOpen("submit");
            String tag = connection.replies().register(this);
            boolean sent = false;
            try {
                connection.send(command, tag);
                sent = true;
            } finally {
                if (!sent) {
                    connection.replies().withdraw(tag);
                }
            }
            connection.failIfEnded(); // between the registration and now
        }

        @Override
        public boolean answered(String tag, Reply reply) {
            return events.add(() -> {
                if (closure.replied(reply)) {
                    send();
                }
            });
        }

        @Override
        public void failed(VerbsException cause) {
            failure = cause;
            boolean unused = events.add(EventLoopFrame::wake);
        }
    }

    /**
     * Has something done in the loop.
     *
     * @param task what
     */
    public void execute(Runnable task) {
        boolean unused = events.add(Objects.requireNonNull(task, "task"));
    }

    /**
     * Is the loop: calls closures and tasks until {@link #stop} is called, and then returns. What one of them throws
     * ends it too; the others stay, for another run.
     *
     * @return true after a stop, which is over then; false when the thread was interrupted, whose status stays
     * @throws VerbsException EBUSY when another thread is the loop; EBADF when it is closed, also meanwhile; EIO when the
     *     driver is gone and a command under way has got lost by it
     */
    public boolean run() {
        synchronized (lock) {
            if (loop != null) {
                throw new VerbsException("run", Errno.EBUSY, loop + " is the loop already");
            }
            loop = Thread.currentThread();
        }
        try {
            while (!stopped) {
                VerbsException why = failure;
                if (why != null && events.isEmpty()) {
                    throw why.onBehalfOf("run");
                }
                events.take().run();
            }
            stopped = false;
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            synchronized (lock) {
                loop = null;
            }
        }
    }

    /** Ends the loop when it has done what it is doing, or the next one at once. */
    public void stop() {
        stopped = true;
        boolean unused = events.add(EventLoopFrame::wake);
    }

    /**
     * What became of the replies.
     *
     * @return a snapshot
     */
    public ReplyCounters counters() {
        return connection.counters();
    }

    /** Closes it and its connection, once: the loop ends with EBADF, no closure is called any more. */
    @Override
    public void close() {
        events.clear();
        failure = new VerbsException("close", Errno.EBADF, "the frame is closed");
        connection.close();
        events.clear();
        boolean unused = events.add(EventLoopFrame::wake);
    }
}
