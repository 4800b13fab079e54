package org.rddma.verbs.app;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.rddma.verbs.AsyncEvent;
import org.rddma.verbs.AsyncEventChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.VerbsException;

/**
 * One thread that waits for many things and calls back: for completions of queues on any number of channels, for
 * asynchronous events, for timers, for descriptors of the program's own, and for tasks that other threads give it. It
 * sleeps in one epoll(7) set. A program may have several loops in several threads; a channel with all its queues belongs
 * to one of them.
 *
 * <p>{@link #execute}, {@link #tryExecute}, {@link #stop} and {@link #close} may be called by any thread. Everything
 * else belongs to the thread that runs the loop, so to its callbacks, and before it runs to whoever sets it up: other
 * threads are refused (EPERM) and say {@code loop.execute(() -> loop.add(...))}. Callbacks must not wait: while one
 * does, all others do. They may use any verb, add and remove whatever they like, their own queue too, and close what they
 * have removed.
 *
 * <p>What a callback throws goes to {@link #onFailure}. Without that it ends the loop: {@link #run} throws it.
 */
public final class EventLoop implements Executor, AutoCloseable {
    /*
     * The semaphore is held by who runs the loop, or has closed it: what is not safe for several threads has one owner.
     */
    private final EventLoopOptions options;
    private final LoopCore core;
    private final Semaphore running = new Semaphore(1);
    private volatile Thread owner;
    private volatile boolean closing;
    private volatile boolean closed;

    /**
     * A loop with the default options.
     *
     * @throws VerbsException as {@link #EventLoop(EventLoopOptions)}
     */
    public EventLoop() {
        this(EventLoopOptions.DEFAULT);
    }

    /**
     * A loop that has nothing to do yet.
     *
     * @param options how it shares its time
     * @throws VerbsException EINVAL when they are null; ENOSYS where native calls cannot be made; EMFILE when the
     *     process has no descriptor left: it takes two
     */
    public EventLoop(EventLoopOptions options) {
        requireNotNull(options, "options", "EventLoop");
        this.options = options;
        core = new LoopCore(options);
    }

    // ---- what it waits for

    /**
     * Waits for a queue's completions. It is armed and its events are acknowledged by the loop; the loop must be the
     * only one that takes events from its channel.
     *
     * @param queue has a channel; remove it before closing it
     * @param handler called for each completion, in the order of the queue; a {@link RequestCallbacks} for a callback
     *     per work request
     * @throws VerbsException EINVAL when one is null, the queue has no channel or is here already; EPERM in another
     *     thread than the loop's; EBADF when the loop or the queue's channel is closed; ENOSPC where the system allows no
     *     more watched descriptors
     */
    public void add(CompletionQueue queue, QueueHandler handler) {
        String verb = "EventLoop.add";
        requireMine(verb);
        requireNotNull(queue, "queue", verb);
        requireNotNull(handler, "handler", verb);
        core.sources().addQueue(queue, handler, verb);
    }

    /**
     * Waits for a queue's completions no more. Those that are in it stay there; its handler is not called again.
     *
     * @param queue was added
     * @return false when it is not here
     * @throws VerbsException EPERM in another thread than the loop's; EBADF when the loop is closed
     */
    public boolean remove(CompletionQueue queue) {
        requireMine("EventLoop.remove");
        return core.sources().removeQueue(queue);
    }

    /**
     * Waits for a context's asynchronous events. Each is acknowledged before the handler is called, which may therefore
     * close what the event is about. After DEVICE_FATAL the channel is removed.
     *
     * @param channel {@link org.rddma.verbs.Context#asyncEvents()}; remove it before closing the context
     * @param handler called for each event, in their order
     * @throws VerbsException EINVAL when one is null, or the channel is here already; otherwise as {@link
     *     #add(CompletionQueue, QueueHandler)}
     */
    public void add(AsyncEventChannel channel, Consumer<? super AsyncEvent> handler) {
        String verb = "EventLoop.add";
        requireMine(verb);
        requireNotNull(channel, "channel", verb);
        requireNotNull(handler, "handler", verb);
        core.sources().addAsync(channel, handler, verb);
    }

    /**
     * Waits for a context's asynchronous events no more.
     *
     * @param channel was added
     * @return false when it is not here
     * @throws VerbsException EPERM in another thread than the loop's; EBADF when the loop is closed
     */
    public boolean remove(AsyncEventChannel channel) {
        requireMine("EventLoop.remove");
        return core.sources().removeAsync(channel);
    }

    /**
     * Waits until a descriptor of the program's own can be read, as long as it can be read (level-triggered): the handler
     * may leave something for the next time.
     *
     * @param fd of a socket, a pipe, an eventfd and so on; it stays the program's
     * @param handler called when it is ready
     * @return to change what it is watched for, and to end it
     * @throws VerbsException EINVAL when the handler is null; EBADF when the descriptor is not open, or the loop is
     *     closed; EPERM for a regular file, and in another thread than the loop's; EEXIST when it is watched already;
     *     ENOSPC where the system allows no more watched descriptors
     */
    public WatchedDescriptor watch(int fd, DescriptorHandler handler) {
        return watch(fd, handler, false, "EventLoop.watch");
    }

    /**
     * As {@link #watch}, but the handler is called when something has come (edge-triggered), and only then: it must read
     * until nothing is left, or ask to be called again.
     *
     * @param fd non-blocking
     * @param handler called when more can be read, and once in the beginning if there is something already
     * @return to change what it is watched for, and to end it
     * @throws VerbsException as {@link #watch}
     */
    public WatchedDescriptor watchChanges(int fd, DescriptorHandler handler) {
        return watch(fd, handler, true, "EventLoop.watchChanges");
    }

    private WatchedDescriptor watch(int fd, DescriptorHandler handler, boolean edgeTriggered, String verb) {
        requireMine(verb);
        requireNotNull(handler, "handler", verb);
        return core.sources().addDescriptor(this, fd, handler, edgeTriggered, verb);
    }

    /**
     * Makes a timer. It does nothing until it is started.
     *
     * @param action called each time it goes off
     * @return a new timer of this loop
     * @throws VerbsException EINVAL when the action is null
     */
    public LoopTimer timer(Runnable action) {
        requireNotNull(action, "action", "EventLoop.timer");
        return new LoopTimer(this, action);
    }

    /**
     * Makes a sender, for a queue pair whose send queue may become full.
     *
     * @param pair its send completion queue is in this loop
     * @param onRoom called when there is room again after a request did not fit; once for each time
     * @return a new sender
     * @throws VerbsException EINVAL when one is null, or the send completion queue is not here; EPERM in another thread
     *     than the loop's; EBADF when the loop is closed
     */
    public LoopSender sender(QueuePair pair, Runnable onRoom) {
        String verb = "EventLoop.sender";
        requireNotNull(pair, "queue pair", verb);
        requireNotNull(onRoom, "action", verb);
        LoopQueue unused = queueOf(pair, verb);
        return new LoopSender(this, pair, onRoom);
    }

    LoopQueue queueOf(QueuePair pair, String verb) {
        requireMine(verb);
        LoopQueue queue = core.sources().queue(pair.sendCompletionQueue());
        if (queue == null) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    "the completion queue of the sends of " + pair + " is not in this loop: add it");
        }
        return queue;
    }

    /**
     * What is to be done with what callbacks throw, and with failures of queues whose handlers do not take them.
     *
     * @param handler told about what it was (the queue, the channel, the descriptor, the queue pair, the timer, the task)
     *     and what was thrown. What it throws itself ends the loop. Null to end the loop in any case
     * @throws VerbsException EPERM in another thread than the loop's; EBADF when the loop is closed
     */
    public void onFailure(BiConsumer<Object, ? super Throwable> handler) {
        requireMine("EventLoop.onFailure");
        core.onFailure(handler);
    }

    // ---- other threads

    /**
     * Runs a task in the loop's thread, soon, after those given before. May be called by any thread, and does not wait.
     *
     * @param task what to do
     * @throws VerbsException EINVAL when it is null
     * @throws RejectedExecutionException when the loop has ended or is closed, or as many tasks wait as its options allow
     */
    @Override
    public void execute(Runnable task) {
        if (!tryExecute(task)) {
            throw new RejectedExecutionException("EventLoop.execute: " + options.maxTasks()
                    + " tasks wait already: give it fewer, or see EventLoopOptions.maxTasks");
        }
    }

    /**
     * As {@link #execute}, for those who can wait or do something else when the loop cannot keep up.
     *
     * @param task what to do
     * @return false when as many tasks wait as the loop's options allow
     * @throws VerbsException EINVAL when it is null
     * @throws RejectedExecutionException when the loop has ended or is closed
     */
    public boolean tryExecute(Runnable task) {
        requireNotNull(task, "task", "EventLoop.execute");
        LoopTasks.Answer answer = core.tasks().offer(task);
        if (answer == LoopTasks.Answer.ENDED) {
            throw new RejectedExecutionException("EventLoop.execute: the loop has ended, and runs no more tasks");
        }
        core.wakeup();
        return answer == LoopTasks.Answer.ACCEPTED;
    }

    // ---- running

    /**
     * Runs the loop in the calling thread until {@link #stop} is called, the thread is interrupted, or a callback fails
     * for which there is no {@link #onFailure}. In the first two cases the tasks that were accepted are run before this
     * returns, and no more are accepted. What else is left says {@link #remains}.
     *
     * @throws VerbsException EBUSY when it is running; EBADF when it is closed
     * @throws RuntimeException what a callback threw
     */
    public void run() {
        enter("EventLoop.run");
        try {
            while (!core.isStopping() && !Thread.currentThread().isInterrupted()) {
                boolean unused = core.round(true);
            }
            core.runLastTasks();
        } catch (LoopEndedException e) {
            throw e.rethrow();
        } finally {
            core.end();
            leave();
        }
    }

    /**
     * Goes around once in the calling thread, without sleeping: for those whose thread has something else to do, or who
     * sleep elsewhere for a while.
     *
     * @return whether something was done or is left to do; false when {@link #run} would sleep now, or has been ended
     * @throws VerbsException as {@link #run}
     * @throws RuntimeException what a callback threw
     */
    public boolean turn() {
        enter("EventLoop.turn");
        try {
            if (core.isStopping()) {
                core.runLastTasks();
                return false;
            }
            return core.round(false);
        } catch (LoopEndedException e) {
            core.end();
            throw e.rethrow();
        } finally {
            leave();
        }
    }

    /**
     * Ends {@link #run}, or the next one: soon, for some callbacks of the channel whose turn it is may still be made. May
     * be called by any thread; once is enough.
     */
    public void stop() {
        core.stop();
    }

    /**
     * Whether the loop has been told to end, or has ended.
     *
     * @return true after {@link #stop}, an interrupt, a failure or {@link #close}
     */
    public boolean isStopped() {
        return core.isStopping();
    }

    /**
     * What is here. Of a loop that was stopped: what it did not get to.
     *
     * @return numbers of what was added and not removed
     * @throws VerbsException EPERM in another thread while it runs; EBADF when the loop is closed
     */
    public EventLoopRemains remains() {
        requireMine("EventLoop.remains");
        return core.sources().remains(core.timers().size(), core.tasks().size());
    }

    /**
     * What was done so far. Any thread may ask; only the loop's own gets the latest numbers.
     *
     * @return a snapshot
     */
    public EventLoopStatistics statistics() {
        return core.counters().snapshot();
    }

    /**
     * Stops the loop, waits until its thread is out of it, and closes its descriptors. In a callback it returns at once,
     * and the loop is closed when it ends. Queues, channels and descriptors are the program's, and are not closed.
     * Closing twice is harmless. A loop that nobody runs has no owner to be asked: who sets it up must be done with that
     * before another thread closes it.
     *
     * @throws VerbsException EINTR when interrupted while waiting: close again
     */
    @Override
    public void close() {
        stop();
        if (owner == Thread.currentThread()) {
            closing = true;
            return;
        }
        if (closed) {
            return;
        }
        try {
            running.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new VerbsException(
                    "EventLoop.close", Errno.EINTR, "interrupted while the loop's thread ended: close it again", e);
        }
        free();
        running.release();
    }

    private void free() {
        if (!closed) {
            closed = true;
            core.close();
        }
    }

    private void enter(String verb) {
        if (!running.tryAcquire()) {
            throw new VerbsException(verb, Errno.EBUSY, "the loop is running, or being closed");
        }
        if (closed) {
            running.release();
            throw new VerbsException(verb, Errno.EBADF, "the loop is closed");
        }
        owner = Thread.currentThread();
    }

    private void leave() {
        try {
            if (closing) {
                free();
            }
        } finally {
            owner = null; // after that, so that nobody finds it without an owner and not closed
            running.release();
        }
    }

    // ---- for what belongs to the loop

    LoopCore core() {
        return core;
    }

    TimerHeap timers(String verb) {
        requireMine(verb);
        return core.timers();
    }

    void requireMine(String verb) {
        Thread mine = owner;
        if (closed) {
            throw new VerbsException(verb, Errno.EBADF, "the loop is closed");
        }
        if (mine != null && mine != Thread.currentThread()) {
            throw new VerbsException(
                    verb, Errno.EPERM, "the loop runs in " + mine.getName() + ": call it there, with execute(...)");
        }
    }

    private static void requireNotNull(Object argument, String name, String verb) {
        if (argument == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the " + name + " is null");
        }
    }
}
