package org.rddma.verbs.internal.channel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.jfr.WaitEvent;
import org.rddma.verbs.internal.os.EventFd;
import org.rddma.verbs.internal.os.Os;
import org.rddma.verbs.internal.ring.SpinLock;

/**
 * Events in the order in which they were raised, and one descriptor that is readable exactly while there are any.
 *
 * @param <T> what an event hands out
 */
public final class EventChannel<T> {
    /*
     * The events are a queue in the heap, under a lock; the descriptor is a semaphore eventfd whose count is
     * the queue's length. Whoever appends signals the descriptor after it has given up the lock: the thread that this
     * wakes needs the lock at once, perhaps on the same processor. So an event may be taken before its signal is there.
     * The taker then counts a surplus, and the signal is taken back by whoever sees both, the taker or the appender:
     * each makes its own step and then looks for the other's.
     *
     * A thread that waits does so in poll(2) on two descriptors: the channel's, and one of its own by which it is
     * woken: by wakeup(), by close(), by Thread.interrupt(). poll(2) does not take an event; a woken thread looks
     * into the queue under the lock, and waits again if another was faster.
     *
     * close() marks the channel closed, wakes all that wait, lets them and those who signal leave, and only then closes
     * the descriptors: so no thread is ever in a call on a number that belongs to someone else by then.
     *
     * When the device is gone, the count is one larger than the queue is long, for good: the descriptor stays readable,
     * and whoever comes to read takes what is left and then fails.
     */
    private static final int FIRST_CAPACITY = 16;

    private enum State {
        OPEN,
        DEVICE_GONE,
        CLOSED
    }

    private final String name;
    private final SpinLock lock = new SpinLock();
    private final EventFd fd;
    private final List<Waiter> waiting = new ArrayList<>(4);
    private final ArrayDeque<Waiter> idle = new ArrayDeque<>(4);

    private Event<T>[] events = newArray(FIRST_CAPACITY);
    private int head;
    private volatile int size;
    private boolean wakeupPending;
    private volatile State state = State.OPEN;

    /** Threads between appending an event and the end of signalling it. */
    private final AtomicInteger signalling = new AtomicInteger();

    /** Signals that are to be taken back; changed under the lock. */
    private volatile int surplus;

    /**
     * A channel without events.
     *
     * @param name for messages
     * @param verb on whose behalf
     */
    public EventChannel(String name, String verb) {
        Os.ensureAvailable(verb);
        this.name = name;
        fd = EventFd.semaphore(verb);
    }

    /**
     * The descriptor.
     *
     * @return its number
     */
    public int fd() {
        requireNotClosed("fd");
        return fd.fd();
    }

    /**
     * How many events there are.
     *
     * @return 0 or more
     */
    public int size() {
        return size;
    }

    /**
     * Appends an event. It is dropped when the channel is closed, the device gone or the source withdrawn.
     *
     * @param event what is to be read
     */
    public void raise(Event<T> event) {
        EventSource<?> source = event.source();
        lock.lock();
        try {
            if (state != State.OPEN || source.withdrawn) {
                return;
            }
            append(event, source);
            if (signalling.getAndIncrement() == 0 && surplus > 0) {
                setSurplus(0); // no signal is on its way: someone has read the descriptor who should not
            }
        } finally {
            lock.unlock();
        }
        try {
            fd.signal();
            if (surplus > 0) {
                takeBack();
            }
        } finally {
            signalling.decrementAndGet();
        }
    }

    private void append(Event<T> event, EventSource<?> source) {
        int count = size;
        if (count == events.length) {
            grow();
        }
        events[head + count & events.length - 1] = event;
        source.countRaised();
        setSize(count + 1);
    }

    /** Takes one from the descriptor's count, for an event that is no longer in the queue. */
    private void unsignal() {
        if (!fd.take()) { // its signal is on its way
            setSurplus(surplus + 1);
            takeBackLocked();
        }
    }

    private void takeBack() {
        lock.lock();
        try {
            takeBackLocked();
        } finally {
            lock.unlock();
        }
    }

    private void takeBackLocked() {
        while (surplus > 0 && fd.take()) {
            setSurplus(surplus - 1);
        }
    }

    /**
     * Removes all unread events of a source, and takes none of it any more.
     *
     * @param source whose
     */
    @SuppressWarnings("ReferenceEquality") // a source equals itself only
    public void withdraw(EventSource<?> source) {
        lock.lock();
        try {
            source.withdrawn = true;
            if (source.unread == 0 || state == State.CLOSED) {
                return;
            }
            int mask = events.length - 1;
            int count = size;
            int kept = 0;
            for (int i = 0; i < count; i++) {
                Event<T> event = events[head + i & mask];
                if (event.source() != source) {
                    events[head + kept++ & mask] = event;
                } else {
                    unsignal();
                }
            }
            for (int i = kept; i < count; i++) {
                events[head + i & mask] = null;
            }
            source.unread = 0;
            setSize(kept);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the next event if there is one.
     *
     * @param verb on whose behalf
     * @return what it is about, or null
     */
    public T tryTake(String verb) {
        if (size == 0 && state == State.OPEN) {
            return null;
        }
        lock.lock();
        try {
            return takeLocked(verb);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the next event, and waits for it.
     *
     * @param timeout how long; negative for ever
     * @param unit of the timeout
     * @param verb on whose behalf
     * @return what it is about; null after the time, a wake-up or an interrupt
     */
    public T take(long timeout, TimeUnit unit, String verb) {
        if (unit == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the unit of the timeout is null");
        }
        T event = tryTake(verb);
        if (event != null || timeout == 0) {
            return event;
        }
        boolean forever = timeout < 0;
        long timeoutNanos = forever ? 0 : unit.toNanos(timeout);
        long start = forever ? 0 : System.nanoTime();
        Waiter waiter = enter(verb);
        if (waiter == null) {
            return null; // a wake-up was pending
        }
        WaitEvent recorded = WaitEvent.started(verb, name);
        String outcome = WaitEvent.FAILED;
        try {
            int millis = forever ? -1 : millisRoundedUp(timeoutNanos);
            while (true) {
                boolean unused = waiter.await(millis);
                lock.lock();
                try {
                    event = takeLocked(verb);
                    if (event != null) {
                        outcome = WaitEvent.ARRIVED;
                        return event;
                    }
                    if (waiter.woken) {
                        waiter.woken = false; // the caller learns of it
                        outcome = WaitEvent.WOKEN;
                        return null;
                    }
                } finally {
                    lock.unlock();
                }
                if (Thread.currentThread().isInterrupted()) {
                    outcome = WaitEvent.INTERRUPTED;
                    return null;
                }
                if (!forever) {
                    long left = timeoutNanos - (System.nanoTime() - start);
                    if (left <= 0) {
                        outcome = WaitEvent.TIMEOUT;
                        return null;
                    }
                    millis = millisRoundedUp(left);
                }
            }
        } finally {
            leave(waiter);
            WaitEvent.ended(recorded, outcome);
        }
    }

    /**
     * Ends all waits; when there are none, the next one.
     *
     * @param verb on whose behalf
     */
    public void wakeup(String verb) {
        lock.lock();
        try {
            requireNotClosed(verb);
            wakeupPending |= waiting.isEmpty();
            wakeAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The device is gone: nothing is raised any more, and those that wait when all is read end with EIO.
     *
     * @param last the last event, or null
     */
    public void disassociate(Event<T> last) {
        lock.lock();
        try {
            if (state != State.OPEN) {
                return;
            }
            if (last != null) {
                append(last, last.source());
                fd.signal();
            }
            state = State.DEVICE_GONE;
            fd.signal(); // wakes all that wait; under the lock, so that it is not closed by then
        } finally {
            lock.unlock();
        }
    }

    /** Closes the channel, once: those that wait end with EBADF. */
    public void close() {
        lock.lock();
        try {
            if (state == State.CLOSED) {
                return;
            }
            state = State.CLOSED;
            wakeAll();
        } finally {
            lock.unlock();
        }
        for (int attempt = 0; signalling.get() > 0 || !nobodyWaits(); attempt++) {
            SpinLock.backOff(attempt);
        }
        for (Waiter waiter : idle) {
            waiter.free();
        }
        fd.close();
    }

    private T takeLocked(String verb) {
        requireReadable(verb);
        int count = size;
        if (count == 0) {
            // a surplus, or someone has written to the descriptor who should not: do not let it keep us awake
            if (fd.take() && surplus > 0) {
                setSurplus(surplus - 1);
            }
            return null;
        }
        Event<T> event = events[head];
        events[head] = null;
        head = head + 1 & events.length - 1;
        EventSource<?> source = event.source();
        source.unread--;
        source.countRead();
        setSize(count - 1);
        unsignal();
        return event.handedOut();
    }

    private Waiter enter(String verb) {
        lock.lock();
        try {
            requireReadable(verb);
            if (wakeupPending) {
                wakeupPending = false;
                return null;
            }
            Waiter waiter = idle.pollLast();
            if (waiter == null) {
                waiter = new Waiter(fd.fd(), verb);
            }
            waiting.add(waiter);
            return waiter;
        } finally {
            lock.unlock();
        }
    }

    private void leave(Waiter waiter) {
        lock.lock();
        try {
            waiting.remove(waiter);
            wakeupPending |=
                    waiter.woken; // it found an event, or gave up, in the same moment: its next wait ends at once
            waiter.reset();
            idle.addLast(waiter);
        } finally {
            lock.unlock();
        }
    }

    private boolean nobodyWaits() {
        lock.lock();
        try {
            return waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private void wakeAll() {
        for (int i = 0; i < waiting.size(); i++) {
            Waiter waiter = waiting.get(i);
            waiter.woken = true;
            waiter.wakeup();
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock; volatile for those who look without it
    private void setSize(int newSize) {
        size = newSize;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // as above
    private void setSurplus(int newSurplus) {
        surplus = newSurplus;
    }

    private void grow() {
        Event<T>[] larger = newArray(events.length * 2);
        for (int i = 0; i < events.length; i++) {
            larger[i] = events[head + i & events.length - 1];
        }
        events = larger;
        head = 0;
    }

    private void requireNotClosed(String verb) {
        if (state == State.CLOSED) {
            throw new VerbsException(verb, Errno.EBADF, name + " is closed");
        }
    }

    /** Fails when there is no event and none can come. */
    private void requireReadable(String verb) {
        requireNotClosed(verb);
        if (state == State.DEVICE_GONE && size == 0) {
            throw new VerbsException(verb, Errno.EIO, "the device of " + name + " is gone: close what belongs to it");
        }
    }

    static int millisRoundedUp(long nanos) {
        return (int) Math.min(Integer.MAX_VALUE, (nanos + 999_999) / 1_000_000);
    }

    @SuppressWarnings("unchecked")
    private static <T> Event<T>[] newArray(int length) {
        return (Event<T>[]) new Event<?>[length];
    }
}
