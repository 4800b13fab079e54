package org.rddma.verbs.spi;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.rddma.verbs.CompletionVector;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.Os;
import org.rddma.verbs.internal.ring.SpinLock;

/**
 * A completion vector that puts events into their channels: inline, in the thread that completes the work; or from a
 * thread of its own, which starts with the first event; or when a schedule says so.
 */
public final class DeliveryVector implements CompletionVector {
    /** For the processor of a thread: any. */
    public static final int ANY_CPU = -1;

    private final int index;
    private final String threadName;
    private final int cpu;
    private final DeliverySchedule schedule;
    private final LongAdder raised = new LongAdder();

    private final SpinLock lock = new SpinLock();
    private final ArrayDeque<Completer> pending = new ArrayDeque<>();
    private volatile Thread thread;
    private volatile int waiting;
    private volatile boolean closed;

    private DeliveryVector(int index, String threadName, int cpu, DeliverySchedule schedule) {
        this.index = index;
        this.schedule = schedule;
        this.threadName = threadName;
        this.cpu = cpu;
    }

    /**
     * A vector that delivers in the thread that completes the work.
     *
     * @param index its number
     * @return a new vector
     */
    public static DeliveryVector inline(int index) {
        return new DeliveryVector(index, null, ANY_CPU, null);
    }

    /**
     * A vector that delivers from a thread of its own.
     *
     * @param index its number
     * @param threadName the thread's name
     * @param cpu the processor that the thread is bound to, or {@link #ANY_CPU}
     * @return a new vector
     */
    public static DeliveryVector threaded(int index, String threadName, int cpu) {
        return new DeliveryVector(index, threadName, cpu, null);
    }

    /**
     * A vector that delivers one event whenever {@link #deliverNext()} is called.
     *
     * @param index its number
     * @param schedule who calls it
     * @return a new vector
     */
    public static DeliveryVector scheduled(int index, DeliverySchedule schedule) {
        return new DeliveryVector(index, null, ANY_CPU, schedule);
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public Thread thread() {
        Thread current = thread;
        return current != null && current.isAlive() ? current : null;
    }

    @Override
    public long eventsRaised() {
        return raised.sum();
    }

    /** Called by the queue that fired, under its lock. */
    void raise(Completer queue) {
        raised.increment();
        if (threadName == null) {
            if (schedule == null) {
                queue.deliverEvent();
            } else {
                leaveToSchedule(queue);
            }
            return;
        }
        lock.lock();
        try {
            if (closed) {
                return;
            }
            pending.addLast(queue);
            Thread running = thread;
            if (running == null || !running.isAlive()) { // never started, or died of an error
                Thread started = new Thread(this::run, threadName);
                started.setDaemon(true);
                started.start();
                thread = started;
            }
        } finally {
            lock.unlock();
        }
        LockSupport.unpark(thread);
    }

    private void leaveToSchedule(Completer queue) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            pending.addLast(queue);
            countWaiting();
        } finally {
            lock.unlock();
        }
        schedule.eventRaised();
    }

    private void countWaiting() {
        if (schedule != null) {
            waiting = pending.size();
        }
    }

    CompletionDelivery deliveryOf(String queue) {
        return schedule == null ? null : schedule.deliveryOf(queue);
    }

    /**
     * How many events are raised and not in their channels yet, of a {@linkplain #scheduled scheduled} vector.
     *
     * @return 0 or more
     */
    public int waitingEvents() {
        return waiting;
    }

    /** Drops what is raised and not delivered yet: afterwards no event of this queue will come. */
    void withdraw(Completer queue) {
        if (threadName == null && schedule == null) {
            return;
        }
        lock.lock();
        try {
            pending.removeIf(other -> other == queue);
            countWaiting();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        pin();
        while (!closed) {
            if (deliverNext() == null) {
                LockSupport.park(this);
                boolean unused = Thread.interrupted(); // not a way to end this thread, and park would not park again
            }
        }
    }

    private void pin() {
        if (cpu == ANY_CPU) {
            return;
        }
        try {
            Os.pinThread(cpu);
        } catch (VerbsException e) { // events must come, from wherever
            System.getLogger(DeliveryVector.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "{0} delivers from any processor: {1}",
                            threadName,
                            e.getMessage());
        }
    }

    /**
     * Puts the next event into its channel.
     *
     * @return whose event it is; null when none waits
     */
    public Completer deliverNext() {
        lock.lock();
        try {
            Completer queue = pending.pollFirst();
            if (queue != null) {
                countWaiting();
                queue.deliverEvent(); // under the lock, so that withdraw leaves none behind
            }
            return queue;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        closed = true;
        Thread running = thread;
        if (running == null || running == Thread.currentThread()) {
            return;
        }
        boolean interrupted = false;
        while (running.isAlive()) {
            LockSupport.unpark(running);
            try {
                running.join(10);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "completion vector " + index;
    }
}
