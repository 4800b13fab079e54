package org.rddma.verbs.internal.os;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** Signals with a value for one thread, which takes them when it likes: no handler ever runs. */
public final class ThreadSignals {
    /*
     * One realtime signal is used, the first above the C library's own whose action nobody has changed. Its action
     * becomes "ignore" for the whole process before anything is sent: the default would be the end of the JVM. The
     * kernel drops an ignored signal, except where the thread blocks it: there it waits for rt_sigtimedwait(2),
     * whatever the action. So the receiver blocks it, then tells others of itself, and they send to that thread only.
     *
     * A thread's number is used again when it is gone, and a late signal may come to another thread. Then it is
     * ignored, or, where that thread is a receiver too (or a child of one: the mask is inherited), it carries the
     * number of a receiver that is not the one who takes it, and is dropped.
     *
     * siginfo_t:  0 si_signo (4) | 4 si_errno (4): the receiver | 8 si_code (4) | 16 si_pid (4) | 20 si_uid (4): kind
     *            24 si_value (8)
     */
    private static final int FIRST = 36; // 32 to 35 are the C library's: musl takes one more than glibc
    private static final int LAST = 60; // the JDK's own is 62
    private static final int SI_QUEUE = -1;
    private static final int SIG_BLOCK = 0;
    private static final int SIG_UNBLOCK = 1;
    private static final long SIG_IGN = 1;
    private static final int SET_BYTES = 8;

    private static final int RECEIVER = 4;
    private static final int CODE = 8;
    private static final int PID = 16;
    private static final int KIND = 20;
    private static final int VALUE = 24;
    private static final int INFO_BYTES = 128;
    private static final int SET = INFO_BYTES;
    private static final int TIMEOUT = SET + 8;
    private static final int BYTES = TIMEOUT + 16;

    private static final int ESRCH = 3;
    private static final int KIND_VALUE = 0;
    private static final int KIND_WAKEUP = 1;

    private static final AtomicInteger RECEIVERS = new AtomicInteger();
    private static final ThreadLocal<ThreadSignals> OF_THREAD = new ThreadLocal<>();

    private static final int SIGNAL = chooseSignal();

    private final Thread owner = Thread.currentThread();
    private final int number = RECEIVERS.incrementAndGet();
    private final int process = (int) SystemCall.GETPID.call(0, 0, 0, 0, 0);
    private final int thread = (int) SystemCall.GETTID.call(0, 0, 0, 0, 0);
    private final ByteBuffer receiving = memory();
    private final long receivingAddress = Os.addressOf(receiving);
    private final ByteBuffer sending = memory();
    private final long sendingAddress = Os.addressOf(sending);
    private boolean closed;

    private ThreadSignals() {}

    private static ByteBuffer memory() {
        ByteBuffer memory = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
        memory.putLong(SET, 1L << SIGNAL - 1);
        return memory;
    }

    private static int chooseSignal() {
        if (!SystemCall.known()) {
            return 0;
        }
        ByteBuffer action = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder()); // the handler comes first
        long address = Os.addressOf(action);
        int chosen = 0;
        try {
            for (int signal = FIRST; signal <= LAST && chosen == 0; signal++) {
                action.putLong(0, -1);
                if (SystemCall.RT_SIGACTION.call(signal, 0, address, SET_BYTES, 0) == 0 && action.getLong(0) == 0) {
                    action.put(0, new byte[64]).putLong(0, SIG_IGN);
                    chosen = SystemCall.RT_SIGACTION.call(signal, address, 0, SET_BYTES, 0) == 0 ? signal : 0;
                }
            }
        } finally {
            Reference.reachabilityFence(action);
        }
        return chosen;
    }

    /**
     * Makes the calling thread one that takes signals. It must be a platform thread, and the one that closes this.
     *
     * @param verb on whose behalf
     * @return to be sent to by all, and awaited by this thread
     * @throws VerbsException EBUSY when the thread does so already; EOPNOTSUPP in a virtual thread; ENOSYS where
     *     there is no free signal
     */
    public static ThreadSignals open(String verb) {
        SystemCall.ensureKnown(verb);
        if (Thread.currentThread().getClass().getName().equals("java.lang.VirtualThread")) {
            throw new VerbsException(
                    verb, Errno.EOPNOTSUPP, "a virtual thread has no signals of its own: use a platform thread");
        }
        if (SIGNAL == 0) {
            throw new VerbsException(verb, Errno.ENOSYS, "no realtime signal is free in this process");
        }
        ThreadSignals before = OF_THREAD.get();
        if (before != null && !before.isClosed()) {
            throw new VerbsException(verb, Errno.EBUSY, "this thread takes signals already: close the other one first");
        }
        ThreadSignals signals = new ThreadSignals();
        signals.mask(SIG_BLOCK, verb);
        OF_THREAD.set(signals);
        return signals;
    }

    /**
     * Which thread takes the signals.
     *
     * @return the one that opened it
     */
    public Thread owner() {
        return owner;
    }

    /**
     * The signal's number, for those who look at the process from outside.
     *
     * @return 0 where none is free
     */
    public static int signal() {
        return SIGNAL;
    }

    /**
     * Sends a value. Any thread may; the values come in the order in which they were sent.
     *
     * @param value any
     * @return 0; -EAGAIN when the system holds no more signals for this user; -ESRCH (3) when the receiver is gone
     */
    public int send(long value) {
        return send(KIND_VALUE, value);
    }

    /** Ends the receiver's wait, or the next one; it may end later waits as well. */
    public void wakeup() {
        int unused = send(KIND_WAKEUP, 0);
    }

    private synchronized int send(int kind, long value) {
        if (closed || !owner.isAlive()) {
            return -ESRCH;
        }
        return queue(kind, value);
    }

    /** For tests: as if the receiver had ended between the look at it and the call. */
    static void sendUnchecked(ThreadSignals to) {
        synchronized (to) {
            int unused = to.queue(KIND_VALUE, -1);
        }
    }

    private int queue(int kind, long value) {
        sending.putInt(0, SIGNAL)
                .putInt(RECEIVER, number)
                .putInt(CODE, SI_QUEUE)
                .putInt(PID, process)
                .putInt(KIND, kind)
                .putLong(VALUE, value);
        try {
            return (int) SystemCall.RT_TGSIGQUEUEINFO.call(process, thread, SIGNAL, sendingAddress, 0);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Takes the next signal. For the receiving thread only.
     *
     * @param nanos how long to wait; negative for ever
     * @return true when there is a {@link #value}; false after the time, a wake-up, or a signal of another kind
     * @throws VerbsException EPERM in another thread; EBADF when it is closed
     */
    public boolean await(long nanos) {
        requireOwner("await");
        if (isClosed()) {
            throw new VerbsException("await", Errno.EBADF, "it is closed");
        }
        return take(nanos);
    }

    private boolean take(long nanos) {
        long limited = Math.max(nanos, 0);
        receiving.putLong(TIMEOUT, limited / 1_000_000_000).putLong(TIMEOUT + 8, limited % 1_000_000_000);
        receiving.putInt(CODE, 0);
        long taken = waitForSignal(nanos < 0 ? 0 : receivingAddress + TIMEOUT);
        return taken == SIGNAL
                && receiving.getInt(CODE) == SI_QUEUE
                && receiving.getInt(RECEIVER) == number
                && receiving.getInt(PID) == process
                && receiving.getInt(KIND) == KIND_VALUE;
    }

    private long waitForSignal(long timeoutAddress) {
        try {
            return SystemCall.RT_SIGTIMEDWAIT.call(
                    receivingAddress + SET, receivingAddress, timeoutAddress, SET_BYTES, 0);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * The value of the signal that the last {@link #await} took.
     *
     * @return as it was sent
     */
    public long value() {
        return receiving.getLong(VALUE);
    }

    private void mask(int how, String verb) {
        long result;
        try {
            result = SystemCall.RT_SIGPROCMASK.call(how, receivingAddress + SET, 0, SET_BYTES, 0);
        } finally {
            Reference.reachabilityFence(this);
        }
        if (result < 0) {
            throw new VerbsException(verb, (int) -result, "the signal cannot be blocked");
        }
    }

    private void requireOwner(String verb) {
        if (Thread.currentThread() != owner) {
            throw new VerbsException(verb, Errno.EPERM, "only " + owner + " takes these signals");
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /**
     * Takes no more signals: whoever sends is told so. In the receiving thread, what has not been taken is dropped and
     * the signal blocked no more; from elsewhere its wait is ended, and the thread stays as it is, which harms nobody.
     */
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            if (Thread.currentThread() != owner) {
                int unused = send(KIND_WAKEUP, 0);
            }
            closed = true; // nothing is sent from here on
        }
        if (Thread.currentThread() == owner) {
            OF_THREAD.remove();
            receiving.putLong(TIMEOUT, 0).putLong(TIMEOUT + 8, 0);
            for (long taken = SIGNAL; taken == SIGNAL; ) {
                taken = waitForSignal(receivingAddress + TIMEOUT);
            }
            mask(SIG_UNBLOCK, "close");
        }
    }
}
