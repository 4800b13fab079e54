package org.rddma.driver;

import java.util.concurrent.TimeUnit;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * A ready-made frame for a synchronous program: one step after the other, each a command whose reply decides on the
 * next. For a program of several such threads, one frame each.
 *
 * <p>This is the synchronous style of the document on RDDMA's interface ({@code rddma-api.txt}): a descriptor per
 * thread, a command, its reply. It holds on a real device as over the emulator.
 *
 * <p>For one thread at a time; any thread may close it.
 */
public final class SynchronousFrame implements AutoCloseable {
    private final RddmaConnection connection;

    /** What the program does. */
    @FunctionalInterface
    public interface Step {
        /**
         * Decides on the next command.
         *
         * @param previous the reply to the one before; null at the beginning
         * @return the next command; null to end
         */
        Command next(Reply previous);
    }

    /**
     * On a connection, which is closed with the frame.
     *
     * @param connection with the timeout of each command
     */
    public SynchronousFrame(RddmaConnection connection) {
        this.connection = connection;
    }

    /**
     * On a connection of its own.
     *
     * @param path as for {@link RddmaConnection#open}
     * @param timeout of each command, as for {@link RddmaConnection#open}
     * @param unit of the timeout
     * @return the frame
     */
    public static SynchronousFrame open(String path, long timeout, TimeUnit unit) {
        return new SynchronousFrame(RddmaConnection.open(path, timeout, unit));
    }

    /**
     * Runs a program to its end.
     *
     * @param program what to do; what it throws ends the run
     * @return how many commands were done
     * @throws VerbsException as {@link #require}, but a result other than 0 is the program's affair
     */
    public int run(Step program) {
        int done = 0;
        for (Command command = program.next(null); command != null; done++) {
            command = program.next(answered(command));
        }
        return done;
    }

    /**
     * Does a command that must succeed.
     *
     * @param command what to do
     * @return its reply, with result 0
     * @throws VerbsException ETIMEDOUT when there is no reply in time; EINTR when the thread was interrupted, whose
     *     status stays; EIO when the result is another, which the message tells, or the driver is gone; EBADF when
     *     it is closed, also meanwhile
     */
    public Reply require(Command command) {
        Reply reply = answered(command);
        if (!reply.succeeded()) {
            throw new VerbsException(command.operation().toString(), Errno.EIO, "the driver refuses: " + reply);
        }
        return reply;
    }

    private Reply answered(Command command) {
        Reply reply = connection.call(command);
        if (reply == null) {
            boolean interrupted = Thread.currentThread().isInterrupted();
            throw new VerbsException(
                    command.operation().toString(),
                    interrupted ? Errno.EINTR : Errno.ETIMEDOUT,
                    (interrupted ? "the thread was interrupted" : "there was no reply in time") + ": " + command);
        }
        return reply;
    }

    /** Closes it and its connection, once. */
    @Override
    public void close() {
        connection.close();
    }
}
