package org.rddma.driver.provider;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.rddma.driver.Command;
import org.rddma.driver.CommandTemplate;
import org.rddma.driver.DriverFile;
import org.rddma.driver.ReplyCursor;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.EventFd;
import org.rddma.verbs.internal.os.PollSet;

/**
 * A context's conversation with the driver: one open file, one dispatcher thread that reads all replies.
 *
 * <p>Commands are written by any thread, without ever waiting: the file does not block, and what it does not take now
 * is kept for the dispatcher to write later. So a thread may send while it holds a lock that the dispatcher needs.
 * Replies come in any order; each finds the one it is for by its tag.
 *
 * <p>Set-up commands are {@linkplain #call called}: the caller waits for the reply, for a bounded time. The dispatcher
 * itself may call too. It then reads on until its reply is there, and keeps what else it finds for afterwards, so that
 * calls do not pile up on its stack.
 *
 * <p>On the way of a work request nothing is allocated: its command is encoded beforehand, and its reply is read where
 * it lies.
 */
final class DriverSession {
    private static final int REPLY_BYTES = DriverFile.LONGEST_REPLY;
    private static final int TICK_MILLIS = 100;
    private static final int RETRY_MILLIS = 1;

    private final DriverFile file;
    private final String name;
    private final long callNanos;
    private final Thread dispatcher;
    private final EventFd wake = EventFd.counter("open");
    private final PollSet ready = new PollSet(2);
    private final ByteBuffer line = ByteBuffer.allocateDirect(REPLY_BYTES);
    private final ReplyCursor cursor = new ReplyCursor();
    private final TagTable tags = new TagTable();
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final ArrayDeque<Deferred> deferred = new ArrayDeque<>();
    private final Runnable onTick;
    private final Runnable onLost;

    /** Guards writing, and what could not be written yet. */
    private final Object writing = new Object();

    private final ArrayDeque<byte[]> backlog = new ArrayDeque<>();
    private ByteBuffer spare = ByteBuffer.allocateDirect(REPLY_BYTES);

    /** Whether something could not be written yet. */
    private volatile boolean backlogged;

    private volatile boolean sleeping;
    private volatile boolean closing;
    private volatile boolean lost;

    /** Guarded by the descriptor. */
    private boolean wakeClosed;

    private long dropped;

    private record Deferred(Tag tag, int result) {}

    /**
     * Starts the dispatcher.
     *
     * @param file non-blocking; closed with this
     * @param name of the dispatcher thread
     * @param callNanos how long a call waits for its reply
     * @param onTick called by the dispatcher a few times a second
     * @param onLost called once, by the dispatcher, when the driver has gone
     */
    DriverSession(DriverFile file, String name, long callNanos, Runnable onTick, Runnable onLost) {
        this.file = file;
        this.name = name;
        this.callNanos = callNanos;
        this.onTick = onTick;
        this.onLost = onLost;
        ready.set(0, file.fd());
        ready.set(1, wake.fd());
        dispatcher = new Thread(this::dispatch, name);
        dispatcher.setDaemon(true);
    }

    void start() {
        dispatcher.start();
    }

    Thread thread() {
        return dispatcher;
    }

    TagTable tags() {
        return tags;
    }

    boolean isDispatcher() {
        return Thread.currentThread() == dispatcher;
    }

    boolean isLost() {
        return lost;
    }

    // ---- writing

    /** Sends a command; it may be written a little later. */
    void send(CommandTemplate command, Tag tag) {
        int length = command.encode(tag.number);
        synchronized (writing) {
            if (lost) {
                return;
            }
            if (!backlog.isEmpty() || !write(command.buffer(), length)) {
                byte[] copy = new byte[length];
                command.buffer().get(0, copy);
                backlog.add(copy);
                backlogged = true;
                wakeUp();
            }
        }
    }

    /** False when the driver takes nothing now. */
    private boolean write(ByteBuffer text, int length) {
        try {
            int written = file.write(text, 0, length);
            return written != -Errno.EAGAIN && written != -Errno.EINTR;
        } catch (VerbsException e) {
            return true; // the driver is gone: the dispatcher finds out when it reads
        }
    }

    /** Writes what was kept; false when some is left. */
    private boolean writeBacklog() {
        if (!backlogged) {
            return true;
        }
        synchronized (writing) {
            while (!backlog.isEmpty()) {
                byte[] text = backlog.peek();
                if (spare.capacity() < text.length) {
                    spare = ByteBuffer.allocateDirect(text.length);
                }
                spare.put(0, text);
                if (!write(spare, text.length)) {
                    return false;
                }
                backlog.remove();
            }
            backlogged = false;
            return true;
        }
    }

    // ---- calling

    /** Carries a set-up command out. */
    Call call(String verb, Command command) {
        return callAll(verb, List.of(command)).get(0);
    }

    /** As {@link #call}, and fails unless the result is 0. */
    Call require(String verb, Command command) {
        Call call = call(verb, command);
        if (call.result() != 0) {
            throw failure(verb, command, call.result());
        }
        return call;
    }

    static VerbsException failure(String verb, Command command, int result) {
        boolean memory = result == -Errno.ENOMEM || result == -Errno.ENOSPC || result == -Errno.EAGAIN;
        return new VerbsException(
                verb,
                memory ? Errno.ENOMEM : Errno.EIO,
                "the driver answered " + result + " to " + command
                        + (memory ? ": close some objects, or raise its limits" : ""));
    }

    /** Carries set-up commands out that may overtake each other. */
    List<Call> callAll(String verb, List<Command> commands) {
        List<Call> calls = new ArrayList<>(commands.size());
        for (Command command : commands) {
            Call call = new Call();
            Tag tag = tags.take(new CallHandler(call));
            calls.add(call);
            send(new CommandTemplate(command), tag);
        }
        long deadline = System.nanoTime() + callNanos;
        for (int i = 0; i < calls.size(); i++) {
            long left = deadline - System.nanoTime();
            boolean answered = isDispatcher() ? readUntil(calls.get(i), deadline) : awaitOrLost(calls.get(i), left);
            if (!answered) {
                throw unanswered(verb, commands.get(i));
            }
        }
        return calls;
    }

    private VerbsException unanswered(String verb, Command command) {
        if (closing) {
            return new VerbsException(verb, Errno.EBADF, "the context of " + name + " is closed");
        }
        return lost
                ? new VerbsException(verb, Errno.EIO, "the driver of " + name + " is gone")
                : new VerbsException(
                        verb,
                        Errno.ETIMEDOUT,
                        "the driver has not answered " + command + " within " + TimeUnit.NANOSECONDS.toMillis(callNanos)
                                + " ms");
    }

    private boolean awaitOrLost(Call call, long nanos) {
        long deadline = System.nanoTime() + nanos;
        while (!lost && !call.isDone() && deadline - System.nanoTime() > 0) {
            boolean unused =
                    call.await(Math.min(deadline - System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS)));
        }
        return call.isDone();
    }

    private boolean readUntil(Call call, long deadline) {
        while (!call.isDone() && !lost && deadline - System.nanoTime() > 0) {
            boolean some = readReplies(true);
            boolean written = writeBacklog();
            if (!some && !call.isDone()) {
                int unused = ready.poll(written ? TICK_MILLIS : RETRY_MILLIS);
                boolean unusedCount = wake.take(); // tasks wait; they are looked at anyway afterwards
            }
        }
        return call.isDone();
    }

    /** Frees the tag with the reply, whether or not somebody still waits. */
    private static final class CallHandler implements Tag.Handler {
        final Call call;

        CallHandler(Call call) {
            this.call = call;
        }

        @Override
        public void replied(Tag tag, int result) {
            throw new IllegalStateException("calls are completed where the reply is read");
        }
    }

    // ---- the dispatcher

    /** Runs something in the dispatcher, soon. */
    void execute(Runnable task) {
        tasks.add(task);
        wakeUp();
    }

    private void wakeUp() {
        if (sleeping && !isDispatcher()) {
            signal();
        }
    }

    private void signal() {
        synchronized (wake) { // its number may belong to somebody else once it is closed
            if (!wakeClosed) {
                wake.signal();
            }
        }
    }

    private void dispatch() {
        long nextTick = System.nanoTime();
        while (!closing) {
            boolean some = readReplies(false);
            some |= runTasks();
            boolean written = writeBacklog();
            long now = System.nanoTime();
            if (now - nextTick >= 0) {
                nextTick = now + TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);
                guarded(onTick);
            }
            if (!some) {
                sleep(written ? TICK_MILLIS : RETRY_MILLIS);
            }
        }
        closeFile();
    }

    private void sleep(int millis) {
        sleeping = true;
        if (tasks.isEmpty() && deferred.isEmpty() && !closing) {
            int unused = ready.poll(backlogged ? RETRY_MILLIS : millis);
            if (ready.isReady(1)) {
                boolean unusedCount = wake.take();
            }
        }
        sleeping = false;
    }

    private boolean runTasks() {
        boolean some = false;
        Deferred late;
        while ((late = deferred.poll()) != null) {
            some = true;
            deliver(late.tag, late.result);
        }
        Runnable task;
        while ((task = tasks.poll()) != null) {
            some = true;
            guarded(task);
        }
        return some;
    }

    /** Reads all replies that are there; false when there was none. */
    private boolean readReplies(boolean nested) {
        boolean some = false;
        while (!lost) {
            int length = read();
            if (length <= 0) {
                break;
            }
            some = true;
            if (!cursor.parse(line, length)) {
                dropped++;
                continue;
            }
            Tag tag = tags.find(cursor.tag());
            Tag.Handler handler = tag == null ? null : tag.handler;
            if (handler == null) {
                dropped++; // nobody asked, or whoever did has given up for good
            } else if (handler instanceof CallHandler waiting) {
                tags.free(tag);
                waiting.call.complete(cursor.result(), cursor.mmapOffset(), text(length));
            } else if (nested) {
                deferred.add(new Deferred(tag, cursor.result()));
            } else {
                deliver(tag, cursor.result());
            }
        }
        return some;
    }

    private int read() {
        int length;
        try {
            length = file.read(line, 0, REPLY_BYTES);
        } catch (VerbsException e) {
            length = 0;
        }
        if (length > 0 || length == -Errno.EAGAIN || length == -Errno.EINTR) {
            return length;
        }
        lost = true; // the end of the file: the driver is gone
        ready.set(0, -1); // it is readable for ever, and would keep the dispatcher awake
        if (!closing) {
            guarded(onLost);
        }
        return length;
    }

    private String text(int length) {
        byte[] bytes = new byte[length];
        line.get(0, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private void deliver(Tag tag, int result) {
        try {
            tag.handler.replied(tag, result);
        } catch (RuntimeException | Error e) { // one queue pair's trouble is not the others'
            report(e);
        }
    }

    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            report(e);
        }
    }

    private void report(Throwable failure) {
        Thread.UncaughtExceptionHandler handler = dispatcher.getUncaughtExceptionHandler();
        try {
            handler.uncaughtException(dispatcher, failure);
        } catch (RuntimeException | Error e) {
            // a handler of the application's: replies must be taken all the same
        }
    }

    /** Replies that nobody waited for any more. */
    long dropped() {
        return dropped;
    }

    ByteBuffer map(long mmapOffset, long length) {
        return file.map(mmapOffset, length);
    }

    private void closeFile() {
        synchronized (writing) {
            lost = true;
        }
        file.close();
        synchronized (wake) {
            wakeClosed = true;
            wake.close();
        }
    }

    /** Ends the dispatcher and closes the file; waits until both are done. */
    void close() {
        closing = true;
        if (!dispatcher.isAlive()) {
            return;
        }
        signal();
        boolean interrupted = false;
        while (dispatcher.isAlive()) {
            try {
                dispatcher.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
