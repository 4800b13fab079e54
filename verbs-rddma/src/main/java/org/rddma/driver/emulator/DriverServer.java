package org.rddma.driver.emulator;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
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
import org.rddma.driver.DriverGrammar;
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
    private static final int EVENTS = 64;
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
    private final AtomicInteger mappings = new AtomicInteger();
    private final Thread thread;
    private long nextKey = WAKE + 1;
    private boolean paused;
    private volatile boolean ending;
    /** Guarded by this: nobody looks at the tasks any more. */
    private boolean ended;

    /** Where others connect. */
    private record Listener(SocketPlace place, int node) {}

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
        boolean unused = offer(task);
    }

    /** As {@link #execute(Runnable)}; false when the driver has ended, and the task will not be run. */
    private synchronized boolean offer(Runnable task) {
        if (!ended) {
            tasks.add(task);
            if (Thread.currentThread() != thread) {
                wake.signal();
            }
        }
        return !ended;
    }

    /** A new connection to a node: an open file, or one that only mappings are asked for. */
    UnixSocket connect(int node, boolean mapping) {
        if (!admit(mapping)) {
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
            dismiss(mapping);
            throw e;
        }
        if (!offer(() -> begin(pair[1], node, mapping))) {
            dismiss(mapping);
            pair[0].close();
            pair[1].close();
            throw hasEnded("open");
        }
        return pair[0];
    }

    /** Files that are open do not keep anybody from mapping, so there may be as many again that do. */
    private boolean admit(boolean mapping) {
        boolean admitted = (mapping ? mappings : opens).incrementAndGet()
                <= options.limits().opens();
        if (!admitted) {
            dismiss(mapping);
        }
        return admitted;
    }

    private void dismiss(boolean mapping) {
        int unused = (mapping ? mappings : opens).decrementAndGet();
    }

    private static VerbsException hasEnded(String verb) {
        return new VerbsException(verb, Errno.ENODEV, "the driver has ended: start another");
    }

    /** Lets others connect to a node. */
    void listen(int node, Path path) {
        SocketPlace place = SocketPlace.take(path);
        boolean taken = offer(() -> {
            long key = nextKey++;
            listeners.put(key, new Listener(place, node));
            epoll.watch(place.socket().fd(), false, true, false, key);
        });
        if (!taken) {
            place.giveBack();
            throw hasEnded("listen");
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
                once.reply(refusal(text, Errno.EIO));
            }
        }
    }

    /** Of a command of which nothing was done: its tag is kept, so that it finds who waits for it. */
    String refusal(String text, int errno) {
        String tag = DriverGrammar.read(text).tag(options.substringQuirk());
        int question = text.lastIndexOf('?');
        return (question < 0 ? text : text.substring(0, question)) + "?result(-" + errno + "),reply("
                + (tag == null ? "<NULL>" : tag) + ")";
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
            socket = listener.place.socket().accept();
        } catch (VerbsException e) {
            pause(); // no descriptors or no memory: whatever it is, it will be the same in a moment
            return;
        }
        if (socket == null) {
            return;
        }
        if (!admit(socket.isPeerNamed())) {
            counts.refusedOpens.increment();
            ByteBuffer refusal = outgoing.clear()
                    .put("open://?result(-24),reply(<NULL>)\n".getBytes(US_ASCII))
                    .flip();
            int unused = socket.send(refusal, 0, refusal.limit(), UnixSocket.NONE);
            socket.close();
            return;
        }
        begin(socket, listener.node, socket.isPeerNamed());
    }

    private void pause() {
        paused = true;
        listeners.forEach((key, listener) -> epoll.watch(listener.place.socket().fd(), true, false, false, key));
    }

    private void resume() {
        paused = false;
        listeners.forEach((key, listener) -> epoll.watch(listener.place.socket().fd(), true, true, false, key));
    }

    private void begin(UnixSocket socket, int node, boolean mapping) {
        long key = nextKey++;
        try {
            Session session = new Session(this, socket, key, node, mapping);
            sessions.put(key, session);
            if (!mapping) {
                int unused = opensOfProcess
                        .computeIfAbsent(session.pid(), pid -> new AtomicInteger())
                        .incrementAndGet();
            }
        } catch (RuntimeException | Error e) {
            dismiss(mapping);
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
        dismiss(session.isMapping());
        counts.dropped.add(core.clientGone(session));
        AtomicInteger left = session.isMapping() ? null : opensOfProcess.get(session.pid());
        if (left != null && left.decrementAndGet() == 0) {
            opensOfProcess.remove(session.pid());
            core.processGone(session.pid());
        }
    }

    private void end() {
        guarded(core::close);
        synchronized (this) {
            ended = true;
        }
        runTasks(); // connections that were made in the last moment
        for (Session session : List.copyOf(sessions.values())) {
            guarded(session::close);
        }
        for (Listener listener : listeners.values()) {
            guarded(listener.place::giveBack);
        }
        wake.close();
        epoll.close();
    }
}
