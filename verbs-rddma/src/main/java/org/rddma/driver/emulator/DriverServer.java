package org.rddma.driver.emulator;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.rddma.driver.DriverFile;
import org.rddma.driver.internal.SocketProtocol;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.Epoll;
import org.rddma.verbs.internal.os.EventFd;
import org.rddma.verbs.internal.os.PollSet;
import org.rddma.verbs.internal.os.UnixSocket;

/**
 * The driver thread: takes commands from all sessions in turn, has them carried out, hands out the replies.
 *
 * <p>One thread does all of it, so the driver needs no locks, and whatever a client does costs the others at most a
 * burst of its commands. A mistake of the driver itself is counted and answers the command at hand; the thread goes on.
 */
final class DriverServer implements Executor {
    static final int ECONNRESET = 104;
    private static final int ENFILE = 23;
    private static final int EVENTS = 64;
    private static final int BACKLOG = 64;
    private static final long WAKE = 0;
    /** How long nobody is let in when there are no descriptors left. */
    private static final int PAUSE_MILLIS = 100;
    /** How many commands wait for one that overtakes them. */
    private static final int HELD = 4;

    private final EmulatorOptions options;
    private final Epoll epoll = new Epoll(EVENTS);
    private final EventFd wake = EventFd.counter("open");
    private final PollSet hangUp = new PollSet(1);
    /** How many descriptors commands may hold until they are announced. */
    private final int mostAnnouncing = OpenFiles.limit() / 4;

    private int announcing;
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Map<Long, Session> sessions = new HashMap<>();
    private final Map<Integer, AtomicInteger> opensOfProcess = new HashMap<>();
    private final Map<Long, Listener> listeners = new HashMap<>();
    private final ByteBuffer incoming = ByteBuffer.allocateDirect(SocketProtocol.LONGEST_WRITE);
    private final ByteBuffer outgoing = ByteBuffer.allocateDirect(DriverFile.LONGEST_REPLY);
    private final Counts counts = new Counts();
    private final DriverCore core;
    private final Random order;
    private final List<Runnable> held = new ArrayList<>();
    private final AtomicInteger opens = new AtomicInteger();
    private final Thread thread;
    private long nextKey = WAKE + 1;
    private boolean paused;
    private volatile boolean ending;
    /** Guarded by this. */
    private boolean wakeClosed;

    /** Where others connect. */
    private record Listener(UnixSocket socket, Path path, int node) {}

    /** Written by the driver thread; read by anyone. */
    static final class Counts {
        final LongAdder commands = new LongAdder();
        final LongAdder replies = new LongAdder();
        final LongAdder dropped = new LongAdder();
        final LongAdder refusedOpens = new LongAdder();
        final LongAdder refusedCommands = new LongAdder();
        final LongAdder internalErrors = new LongAdder();
    }

    DriverServer(EmulatorOptions options, String name) {
        this.options = options;
        core = new DriverCore(options, this);
        order = new Random(options.seed());
        epoll.watch(wake.fd(), false, true, false, WAKE);
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    EmulatorOptions options() {
        return options;
    }

    DriverCore core() {
        return core;
    }

    Counts count() {
        return counts;
    }

    ByteBuffer incoming() {
        return incoming;
    }

    ByteBuffer outgoing() {
        return outgoing;
    }

    EmulatorCounters counters() {
        return new EmulatorCounters(
                opens.get(),
                counts.commands.sum(),
                counts.replies.sum(),
                counts.dropped.sum(),
                counts.refusedOpens.sum(),
                counts.refusedCommands.sum(),
                counts.internalErrors.sum());
    }

    // ---- any thread

    /** Runs it on the driver thread, soon. */
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (Thread.currentThread() != thread) {
            synchronized (this) {
                if (!wakeClosed) {
                    wake.signal();
                }
            }
        }
    }

    /** The same for what must not be lost: false, and nothing done, when the driver thread will not come to it. */
    private boolean executeUnlessEnded(Runnable task) {
        synchronized (this) {
            if (!wakeClosed) {
                tasks.add(task);
                wake.signal();
            }
            return !wakeClosed;
        }
    }

    private static VerbsException ended(String verb) {
        return new VerbsException(verb, Errno.ENODEV, "the driver has ended: start another");
    }

    /** A new connection to a node. */
    UnixSocket connect(int node) {
        if (ending) {
            throw ended("open");
        }
        if (opens.incrementAndGet() > options.limits().opens()) {
            opens.decrementAndGet();
            execute(() -> counts.refusedOpens.increment());
            throw new VerbsException(
                    "open",
                    Errno.EMFILE,
                    "the driver has " + options.limits().opens()
                            + " open files: close some, or start it with a higher limit");
        }
        UnixSocket[] pair;
        try {
            pair = UnixSocket.pair("open");
        } catch (RuntimeException | Error e) {
            opens.decrementAndGet();
            throw e;
        }
        if (!executeUnlessEnded(() -> begin(pair[1], node))) {
            opens.decrementAndGet();
            pair[0].close();
            pair[1].close();
            throw ended("open");
        }
        return pair[0];
    }

    /** Lets others connect to a node. */
    void listen(int node, Path path) {
        removeStale(path);
        UnixSocket socket = UnixSocket.listen(path, BACKLOG, "listen");
        boolean listens = executeUnlessEnded(() -> {
            long key = nextKey++;
            listeners.put(key, new Listener(socket, path, node));
            epoll.watch(socket.fd(), false, true, false, key);
        });
        if (!listens) {
            socket.close();
            delete(path);
            throw ended("listen");
        }
    }

    private static void removeStale(Path path) {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            UnixSocket.connect(path, "listen").close();
        } catch (VerbsException e) {
            if (e.errno() == 111) { // nobody listens: whoever made the file has died
                delete(path);
                return;
            }
            throw e;
        }
        throw new VerbsException("listen", 98, "a driver listens at " + path + " already: give another path");
    }

    private static void delete(Path path) {
        try {
            boolean unused = Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the driver: clients see it gone. Returns when the thread has ended. */
    void close() {
        ending = true;
        execute(() -> {});
        boolean interrupted = false;
        while (thread.isAlive() && Thread.currentThread() != thread) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- the driver thread

    private void run() {
        try {
            while (!ending) {
                int timeout = !held.isEmpty() || !tasks.isEmpty() ? 0 : paused ? PAUSE_MILLIS : -1;
                int ready = epoll.await(timeout);
                if (paused) {
                    resume();
                }
                for (int i = 0; i < ready; i++) {
                    long key = epoll.data(i);
                    boolean readable = epoll.isReadable(i);
                    guarded(() -> handle(key, readable));
                }
                runTasks();
                runHeld(ready == 0);
            }
        } finally {
            end();
        }
    }

    private void handle(long key, boolean readable) {
        if (key == WAKE) {
            boolean unused = wake.take();
            return;
        }
        Listener listener = listeners.get(key);
        if (listener != null) {
            accept(listener);
            return;
        }
        Session session = sessions.get(key);
        if (session != null) { // it may have been closed since the wait
            session.writable();
            if (readable) {
                session.readable();
            }
        }
    }

    private void runTasks() {
        int due = tasks.size(); // those that are added meanwhile come after the clients' next turn
        for (int i = 0; i < due; i++) {
            Runnable task = tasks.poll();
            if (task != null) {
                guarded(task);
            }
        }
    }

    private void runHeld(boolean all) {
        while (held.size() > (all ? 0 : HELD)) {
            int chosen = order.nextInt(held.size());
            Runnable last = held.remove(held.size() - 1);
            Runnable next = chosen == held.size() ? last : held.set(chosen, last);
            guarded(next);
        }
    }

    /** Whatever happens, the thread goes on. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            counts.internalErrors.increment();
        }
    }

    /** Carries out a command: now, or when others have overtaken it. */
    void execute(Session session, String text, Replier answer, boolean inOrder) {
        counts.commands.increment();
        if (options.overtaking() && !inOrder) {
            held.add(() -> carryOut(session, text, answer));
        } else {
            carryOut(session, text, answer);
        }
    }

    private void carryOut(Session session, String text, Replier answer) {
        Once once = new Once(answer);
        try {
            core.execute(session, text, once);
        } catch (RuntimeException | Error e) {
            counts.internalErrors.increment();
            if (!once.replied) {
                once.reply(text + "?result(-" + Errno.EIO + "),reply(<NULL>)");
            }
        }
    }

    /** A reply that may be needed after a mistake, and must not come twice. */
    private static final class Once implements Replier {
        private final Replier answer;
        private boolean replied;

        Once(Replier answer) {
            this.answer = answer;
        }

        @Override
        public void reply(String line) {
            if (!replied) {
                replied = true;
                answer.reply(line);
            }
        }
    }

    private void accept(Listener listener) {
        UnixSocket socket;
        try {
            socket = listener.socket.accept();
        } catch (VerbsException e) {
            if (e.errno() == Errno.EMFILE || e.errno() == ENFILE || e.errno() == Errno.ENOMEM) {
                pause();
                return;
            }
            throw e;
        }
        if (socket == null) {
            return;
        }
        if (opens.incrementAndGet() > options.limits().opens()) {
            opens.decrementAndGet();
            counts.refusedOpens.increment();
            ByteBuffer refusal = outgoing.clear()
                    .put("open://?result(-24),reply(<NULL>)\n".getBytes(US_ASCII))
                    .flip();
            int unused = socket.send(refusal, 0, refusal.limit(), UnixSocket.NONE);
            socket.close();
            return;
        }
        begin(socket, listener.node);
    }

    private void pause() {
        paused = true;
        listeners.forEach((key, listener) -> epoll.watch(listener.socket.fd(), true, false, false, key));
    }

    private void resume() {
        paused = false;
        listeners.forEach((key, listener) -> epoll.watch(listener.socket.fd(), true, true, false, key));
    }

    private void begin(UnixSocket socket, int node) {
        long key = nextKey++;
        try {
            Session session = new Session(this, socket, key, node);
            sessions.put(key, session);
            int unused = opensOfProcess
                    .computeIfAbsent(session.pid(), pid -> new AtomicInteger())
                    .incrementAndGet();
        } catch (RuntimeException | Error e) {
            opens.decrementAndGet();
            socket.close();
            throw e;
        }
    }

    /** A command holds a descriptor, until it is given back. */
    void announcing(int more) {
        announcing += more;
    }

    boolean tooManyAnnouncing() {
        return announcing > mostAnnouncing;
    }

    void watch(int fd, boolean known, boolean reading, boolean writing, long key) {
        epoll.watch(fd, known, reading, writing, key);
    }

    /** Whether the other end is closed: a message of no bytes and the end look the same. */
    boolean isHungUp(int fd) {
        hangUp.setHangUp(0, fd);
        return hangUp.poll(0) > 0;
    }

    /** A session is closed. */
    void forget(int fd, long key, Session session) {
        epoll.remove(fd);
        sessions.remove(key);
        counts.dropped.add(core.clientGone(session));
        opens.decrementAndGet();
        AtomicInteger left = opensOfProcess.get(session.pid());
        if (left != null && left.decrementAndGet() == 0) {
            opensOfProcess.remove(session.pid());
            core.processGone(session.pid());
        }
    }

    private void end() {
        guarded(core::close);
        synchronized (this) {
            wakeClosed = true; // from here on nobody is let in
        }
        runTasks(); // connections that were made in the last moment
        for (Session session : List.copyOf(sessions.values())) {
            guarded(session::close);
        }
        for (Listener listener : listeners.values()) {
            listener.socket.close();
            guarded(() -> delete(listener.path));
        }
        wake.close();
        epoll.close();
    }
}
