package org.rddma.driver;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * Where the reply of one request comes to: one at a time, and as many after each other as you like.
 *
 * <p>Safe for use by several threads: each reply is taken by one of those that wait.
 */
public final class AsyncHandle implements AutoCloseable {
    private final AsyncConnection connection;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final PendingReplies.Taker taker = new Taker();

    private Object attachment;

    /** Of the request that is under way; null when there is none, or its reply has come. */
    private String tag;

    private Reply reply;
    private VerbsException failure;
    private boolean closed;

    private final class Taker implements PendingReplies.Taker {
        @Override
        public boolean answered(String answeredTag, Reply answer) {
            lock.lock();
            try {
                if (!answeredTag.equals(tag)) {
                    return false;
                }
                tag = null;
                reply = answer;
                changed.signalAll();
                return true;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void failed(VerbsException cause) {
            lock.lock();
            try {
                failure = cause;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    AsyncHandle(AsyncConnection connection) {
        this.connection = connection;
    }

    /**
     * Hands the driver a command ({@code rddma_invoke_cmd} with a handle). A request tag that it has is replaced by
     * one of the connection's.
     *
     * @param command what to do
     * @throws VerbsException EBUSY when the reply of the one before has neither been taken nor given up; EAGAIN when
     *     the driver owes too many replies; EBADF when the handle or the connection is closed, also meanwhile; EINTR
     *     when the thread was interrupted while the driver took no commands, and EIO when it is gone: in all cases
     *     nothing was sent
     */
    public void invoke(Command command) {
        Objects.requireNonNull(command, "command");
        String mine;
        lock.lock();
        try {
            requireOpen("invoke");
            if (tag != null || reply != null) {
                throw new VerbsException(
                        "invoke",
                        Errno.EBUSY,
                        "take the reply of the request before, or cancel it; or use another handle");
            }
            mine = connection.replies().register(taker);
            tag = mine;
        } finally {
            lock.unlock();
        }
        boolean sent = false;
        try {
            connection.send(command, mine);
            sent = true;
        } finally {
            if (!sent) {
                connection.replies().withdraw(mine);
                forget(mine);
            }
        }
        connection.failIfEnded(); // between the registration and now
    }

    private void forget(String mine) {
        lock.lock();
        try {
            if (mine.equals(tag)) {
                tag = null;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the reply, and waits for it ({@code rddma_wait_async_handle}).
     *
     * @return the reply, whatever its result; null when the thread was interrupted, whose status stays: the request is
     *     still under way
     * @throws VerbsException EINVAL when no request is under way, also when another thread cancels it or takes its
     *     reply meanwhile; EBADF when the handle or the connection is closed, also meanwhile; EIO when the driver is
     *     gone
     */
    public Reply await() {
        return awaitNanos(-1);
    }

    /**
     * Takes the reply, and waits for it no longer than given.
     *
     * @param timeout how long; 0 or less does not wait
     * @param unit of the timeout
     * @return as {@link #await()}; null also after the time: await it again, or {@link #cancel} it
     * @throws VerbsException as {@link #await()}
     */
    public Reply await(long timeout, TimeUnit unit) {
        return awaitNanos(Math.max(0, unit.toNanos(timeout)));
    }

    private Reply awaitNanos(long nanos) {
        long start = System.nanoTime();
        lock.lock();
        try {
            while (true) {
                if (reply != null) {
                    Reply taken = reply;
                    reply = null;
                    changed.signalAll(); // others that wait learn that there is nothing more
                    return taken;
                }
                requireOpen("await");
                if (tag == null) {
                    throw new VerbsException("await", Errno.EINVAL, "no request is under way: invoke one first");
                }
                long left = nanos < 0 ? Long.MAX_VALUE : nanos - (System.nanoTime() - start);
                if (left <= 0) {
                    return null;
                }
                long unused = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Invokes a command and takes its reply, which is given up when it does not come in time.
     *
     * @param command what to do
     * @param timeout how long; 0 or less does not wait
     * @param unit of the timeout
     * @return the reply, whatever its result; null after the time, or when the thread was interrupted, whose status
     *     stays
     * @throws VerbsException as {@link #invoke} and {@link #await()}
     */
    public Reply call(Command command, long timeout, TimeUnit unit) {
        invoke(command);
        Reply answer = await(timeout, unit);
        if (answer != null) {
            return answer;
        }
        lock.lock();
        try {
            answer = reply; // it came in the same moment
            reply = null;
            giveUp();
            return answer;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives the request up: a reply that comes later is dropped and counted, one that has come is dropped. The driver
     * may still carry the command out.
     *
     * @return false when there was nothing to give up
     */
    public boolean cancel() {
        lock.lock();
        try {
            boolean any = tag != null || reply != null;
            giveUp();
            return any;
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock: the reply that is on its way finds another tag here, or none. */
    private void giveUp() {
        if (tag != null) {
            connection.replies().giveUp(tag, taker);
            tag = null;
        }
        if (reply != null) {
            connection.replies().droppedAfterDelivery();
            reply = null;
        }
        changed.signalAll();
    }

    /**
     * Whether a request is under way or its reply waits to be taken.
     *
     * @return true when {@link #invoke} would be refused
     */
    public boolean isBusy() {
        lock.lock();
        try {
            return tag != null || reply != null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What the program has attached (the closure of {@code rddma_alloc_async_handle}).
     *
     * @return null when it has nothing
     */
    public Object attachment() {
        lock.lock();
        try {
            return attachment;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Attaches something of the program's ({@code rddma_set_async_handle}).
     *
     * @param newAttachment any, or null
     * @return what was attached before
     */
    public Object attach(Object newAttachment) {
        lock.lock();
        try {
            Object before = attachment;
            attachment = newAttachment;
            return before;
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen(String verb) {
        if (closed) {
            throw new VerbsException(verb, Errno.EBADF, "the handle is closed");
        }
        connection.requireOpen(verb);
        if (failure != null) {
            throw failure.onBehalfOf(verb);
        }
    }

    /** Closes it, once: waits end with EBADF, and a reply that comes is dropped and counted. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            giveUp();
        } finally {
            lock.unlock();
        }
    }
}
