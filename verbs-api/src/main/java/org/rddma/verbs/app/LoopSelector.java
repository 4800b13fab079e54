package org.rddma.verbs.app;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.channel.InterruptHook;
import org.rddma.verbs.internal.jfr.WaitEvent;
import org.rddma.verbs.internal.os.Epoll;
import org.rddma.verbs.internal.os.EventFd;

/**
 * The epoll set of an event loop, and how its sleep is ended. Only {@link #wakeup()} may be called by any thread.
 *
 * <p>The loop says that it falls asleep, looks once more whether there is something to do, and sleeps; others put
 * something to do into its place, and then look whether it sleeps. So one of the two sees the other, and the descriptor
 * is written once per sleep, by the first who comes. It is edge-triggered and never read.
 *
 * <p>An entry of the set carries a place and a number that is never used twice for that place: what epoll reports
 * of one that was removed meanwhile is recognized and dropped.
 */
final class LoopSelector {
    private static final int EVENTS = 64;
    private static final int WAKE = -1;
    private static final int EEXIST = 17;

    private final Epoll epoll;
    private final EventFd wake;
    private final AtomicBoolean asleep = new AtomicBoolean();
    private final InterruptHook hook = new InterruptHook(this::signal);
    private final BooleanSupplier call = this::await;

    private LoopSource[] sources = new LoopSource[8];
    private int[] numbers = new int[8];
    private int timeoutMillis;
    private int found;
    private boolean closed;

    LoopSelector() {
        epoll = new Epoll(EVENTS);
        EventFd made = null;
        try {
            made = EventFd.counter("EventLoop");
            epoll.add(made.fd(), true, WAKE);
        } catch (VerbsException e) {
            epoll.close();
            if (made != null) {
                made.close();
            }
            throw e;
        }
        wake = made;
    }

    /**
     * Watches a source's descriptor.
     *
     * @return the source that had the same number until someone closed its descriptor, or null
     */
    LoopSource add(LoopSource source, int fd, boolean edgeTriggered, String verb) {
        int slot = freeSlot();
        try {
            epoll.watch(fd, false, true, false, edgeTriggered, key(slot));
        } catch (VerbsException e) {
            throw explained(e, fd, verb);
        }
        LoopSource lost = null;
        for (LoopSource other : sources) {
            if (other != null && other.fd == fd) {
                lost = other; // the kernel would have refused the number, had the old descriptor not been closed
            }
        }
        if (lost != null) {
            forget(lost);
        }
        source.slot = slot;
        source.fd = fd;
        sources[slot] = source;
        return lost;
    }

    /** Changes what a source's descriptor is watched for. */
    void change(LoopSource source, boolean reading, boolean writing, boolean edgeTriggered, String verb) {
        if (source.slot < 0) {
            throw new VerbsException(verb, Errno.EBADF, "descriptor " + source.fd + " is not watched any more");
        }
        try {
            epoll.watch(source.fd, true, reading, writing, edgeTriggered, key(source.slot));
        } catch (VerbsException e) {
            throw explained(e, source.fd, verb);
        }
    }

    /** Watches a source's descriptor no more, also when that was closed before. */
    void remove(LoopSource source) {
        if (source.slot < 0) {
            return;
        }
        try {
            epoll.remove(source.fd);
        } catch (VerbsException e) {
            if (!isClosedBefore(e.errno())) {
                throw e;
            }
        } finally {
            forget(source);
        }
    }

    /** Whether a number is not that of the descriptor any more: unused, or by now another's, watchable or not. */
    private static boolean isClosedBefore(int errno) {
        return switch (errno) {
            case Errno.EBADF, Errno.ENOENT -> true;
            case Errno.EPERM, Errno.EINVAL -> true; // a file has it, or this set itself
            default -> false;
        };
    }

    private void forget(LoopSource source) {
        sources[source.slot] = null;
        numbers[source.slot]++;
        source.slot = -1;
    }

    private int freeSlot() {
        int slot = 0;
        while (slot < sources.length && sources[slot] != null) {
            slot++;
        }
        if (slot == sources.length) {
            sources = Arrays.copyOf(sources, slot * 2);
            numbers = Arrays.copyOf(numbers, slot * 2);
        }
        return slot;
    }

    private long key(int slot) {
        return (long) numbers[slot] << 32 | slot;
    }

    private static VerbsException explained(VerbsException e, int fd, String verb) {
        if (e.errno() == EEXIST) {
            return new VerbsException(verb, Errno.EINVAL, "descriptor " + fd + " is in this loop already", e);
        }
        String sentence = switch (e.errno()) {
            case Errno.EBADF -> "descriptor " + fd + " is not open";
            case Errno.EPERM -> "descriptor " + fd + " is a file that is always ready: read it without waiting";
            default -> "descriptor " + fd + " cannot be watched";
        };
        return new VerbsException(verb, e.errno(), sentence, e);
    }

    /** The loop will sleep; after this it looks once more whether it must not. */
    void fallAsleep() {
        asleep.set(true);
    }

    /**
     * Waits until a descriptor is ready, a wake-up or an interrupt came, or the time has passed.
     *
     * @return how many descriptors are ready: {@link #source} says which
     */
    int select(int millis) {
        timeoutMillis = millis;
        if (millis == 0) {
            boolean unused = await();
        } else {
            WaitEvent recorded = WaitEvent.started("EventLoop.run", "an event loop");
            boolean unused = hook.around(call);
            WaitEvent.ended(recorded, outcome());
        }
        asleep.set(false);
        return found;
    }

    private String outcome() {
        if (found > 0) {
            return WaitEvent.ARRIVED;
        }
        return Thread.currentThread().isInterrupted() ? WaitEvent.INTERRUPTED : WaitEvent.TIMEOUT;
    }

    private boolean await() {
        found = epoll.await(timeoutMillis);
        return found > 0;
    }

    /** The source that was found ready; null for the wake-up, and for one that was removed. */
    LoopSource source(int index) {
        long key = epoll.data(index);
        int slot = (int) key;
        return slot >= 0 && numbers[slot] == (int) (key >> 32) ? sources[slot] : null;
    }

    boolean isReadable(int index) {
        return epoll.isReadable(index);
    }

    boolean isWritable(int index) {
        return epoll.isWritable(index);
    }

    /** How many places there are to look into with {@link #at}. */
    int slots() {
        return sources.length;
    }

    /** The source in a place, or null. */
    LoopSource at(int slot) {
        return sources[slot];
    }

    /** Ends the loop's sleep, or the one that it is about to begin. */
    void wakeup() {
        if (asleep.get() && asleep.compareAndSet(true, false)) {
            signal();
        }
    }

    private synchronized void signal() {
        if (!closed) {
            wake.signal();
        }
    }

    /** Nobody is in {@link #select} any more. Who wants to wake the loop now finds it closed. */
    void close() {
        epoll.close();
        synchronized (this) {
            if (!closed) {
                closed = true;
                wake.close();
            }
        }
    }
}
