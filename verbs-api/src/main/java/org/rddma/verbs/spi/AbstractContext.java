package org.rddma.verbs.spi;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.rddma.verbs.AsyncEventChannel;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Context;
import org.rddma.verbs.Device;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.channel.EventSource;

/** The part of a context that is the same for all providers: what lives in it, and how it closes. */
public abstract class AbstractContext implements Context {
    /** Weak: a context that a program forgets is not kept for the sake of diagnostics. */
    private static final Set<AbstractContext> OPEN =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /** Events that nobody can acknowledge any more, because their context is closed. */
    private static final AtomicLong ABANDONED_EVENTS = new AtomicLong();

    private final Object lifeCycleLock = new Object();
    private final Set<Resource> live = new LinkedHashSet<>();
    private final String label;
    private final Device device;
    private final Set<Capability> capabilities;
    private final AtomicInteger numbers = new AtomicInteger();
    private final List<DeliveryVector> vectors;
    private final AsyncEvents events;

    /** Counts what is read about ports and the device; nobody waits for its acknowledgement. */
    private final EventSource<AbstractContext> source = new EventSource<>(this);

    private volatile Life life = Life.OPEN;

    /**
     * An open context.
     *
     * @param label for messages
     * @param device that is open
     * @param capabilities what of the optional parts of the verbs it has
     * @param vectors its completion vectors, by index
     * @throws VerbsException EMFILE when the process has no descriptor left for its asynchronous events; ENOSYS when
     *     native calls cannot be made here
     */
    protected AbstractContext(String label, Device device, Set<Capability> capabilities, List<DeliveryVector> vectors) {
        this.label = label;
        this.device = device;
        this.capabilities = Set.copyOf(capabilities);
        this.vectors = List.copyOf(vectors);
        events = new AsyncEvents(this, label);
        OPEN.add(this);
    }

    final AsyncEvents events() {
        return events;
    }

    /**
     * The contexts of this process that are open, of all providers that use this class: for diagnostics, such as a test
     * that wants to know what it has left behind.
     *
     * @return those that are open or being closed now
     */
    public static List<AbstractContext> openContexts() {
        return new ArrayList<>(OPEN);
    }

    /**
     * The events of this process that were read and never acknowledged: for diagnostics, as {@link #openContexts}.
     *
     * @return those of what is open now, and those of what was closed with its context since the process began
     */
    public static long unacknowledgedEvents() {
        long count = ABANDONED_EVENTS.get();
        for (AbstractContext context : openContexts()) {
            for (Resource resource : context.openObjects()) {
                count += resource.owedAcknowledgements();
            }
        }
        return count;
    }

    /**
     * What lives in this context, for diagnostics.
     *
     * @return its objects that are open or being closed now, in the order of their creation
     */
    public final List<Resource> openObjects() {
        synchronized (lifeCycleLock) {
            return new ArrayList<>(live);
        }
    }

    final Object lifeCycleLock() {
        return lifeCycleLock;
    }

    final Set<Resource> live() {
        return live;
    }

    /**
     * Fails with EBADF when the context is closed, and with EIO when its device is gone.
     *
     * @param verb on whose behalf
     */
    protected final void requireOpen(String verb) {
        Life current = life;
        if (current != Life.OPEN) {
            throw current.refusal(verb, label);
        }
    }

    /**
     * Whether the context is closed.
     *
     * @return true once it cannot be used any more
     */
    public final boolean isClosed() {
        return life == Life.CLOSED;
    }

    /**
     * Casts an argument to the provider's own class.
     *
     * @param <T> the class
     * @param verb on whose behalf
     * @param what for messages
     * @param argument the object, perhaps another provider's
     * @param type the class
     * @param itsContext how to learn its context
     * @return the argument
     * @throws VerbsException EINVAL when it is null, of another provider or of another context
     */
    public final <T> T own(String verb, String what, Object argument, Class<T> type, Function<T, Context> itsContext) {
        if (argument == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the " + what + " is null");
        }
        if (!type.isInstance(argument) || itsContext.apply(type.cast(argument)) != this) {
            throw new VerbsException(
                    verb, Errno.EINVAL, "the " + what + " (" + argument + ") belongs to another context than " + label);
        }
        return type.cast(argument);
    }

    /**
     * Whether the device has an optional part of the verbs.
     *
     * @param capability the part
     * @return false when what needs it is refused
     */
    public final boolean has(Capability capability) {
        return capabilities.contains(capability);
    }

    /**
     * Refuses what the device does not have.
     *
     * @param verb on whose behalf
     * @param needed what it takes
     * @throws VerbsException EOPNOTSUPP when the device lacks it
     */
    public final void require(String verb, Capability needed) {
        if (!has(needed)) {
            throw VerbsException.unsupported(verb, needed);
        }
    }

    /**
     * Names an object for messages.
     *
     * @param kind what it is
     * @return the kind, a number that no other object of this context has, and the device
     */
    public final String label(String kind) {
        return kind + " " + numbers.incrementAndGet() + " of " + device.name();
    }

    /**
     * Makes and opens an object within a limit of the device. The object's {@link Resource#forgotten} gives the share
     * back; a maker that fails has it given back here.
     *
     * @param <T> the object's class
     * @param verb on whose behalf
     * @param quota the limit
     * @param maker calls the constructor
     * @return the object, open
     * @throws VerbsException ENOMEM at the limit; EBADF or EIO when the context is closed or its device gone; what the
     *     maker throws
     */
    public final <T extends Resource> T create(String verb, Quota quota, Supplier<T> maker) {
        requireOpen(verb);
        quota.take(verb);
        T resource;
        try {
            resource = maker.get();
        } catch (RuntimeException | Error e) {
            quota.giveBack();
            throw e;
        }
        resource.open(verb);
        return resource;
    }

    @Override
    public final List<DeliveryVector> completionVectors() {
        return vectors;
    }

    /**
     * A completion vector.
     *
     * @param verb on whose behalf
     * @param index its number
     * @return the vector
     * @throws VerbsException EINVAL when there is none of that number
     */
    protected final DeliveryVector vector(String verb, int index) {
        if (index < 0 || index >= vectors.size()) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    "there is no completion vector " + index + ": give 0 to " + (vectors.size() - 1));
        }
        return vectors.get(index);
    }

    @Override
    public List<Thread> threads() {
        List<Thread> threads = new ArrayList<>();
        for (DeliveryVector vector : vectors) {
            Thread thread = vector.thread();
            if (thread != null) {
                threads.add(thread);
            }
        }
        return threads;
    }

    @Override
    public final void close() {
        List<Resource> left;
        synchronized (lifeCycleLock) {
            if (life == Life.CLOSED) {
                return;
            }
            life = Life.CLOSED;
            left = new ArrayList<>(live);
        }
        try {
            events.close();
            closeAll(left);
        } finally {
            vectors.forEach(DeliveryVector::close);
            release();
            OPEN.remove(this);
        }
    }

    /** Closes all, also when one of them fails: nobody could do it later. */
    private static void closeAll(List<Resource> resources) {
        RuntimeException failure = null;
        for (int i = resources.size() - 1; i >= 0; i--) { // what uses something is mostly younger than it
            try {
                ABANDONED_EVENTS.addAndGet(resources.get(i).owedAcknowledgements());
                resources.get(i).closeWithContext();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public final AsyncEventChannel asyncEvents() {
        return events;
    }

    /**
     * Announces an event about a port. On a closed context it does nothing.
     *
     * @param type what happened
     * @param port its number, from 1
     */
    public final void announce(AsyncEventType type, int port) {
        events.raise(type, source, null, port);
    }

    /**
     * Says that the device is gone. From here on verbs fail with EIO, except those that read what is there already:
     * unread events and unpolled completions. DEVICE_FATAL is the last asynchronous event. Who waits for an event when
     * none is left ends with EIO, and the descriptors of all channels stay readable, so that those who wait for them
     * elsewhere come and see. Closing works as ever.
     *
     * <p>Calls {@link Resource#deviceLost} on all that is open; nothing is completed any more. Does not wait for the
     * user. Does nothing when called again, or on a closed context.
     */
    public final void disassociate() {
        List<Resource> left;
        synchronized (lifeCycleLock) {
            if (life != Life.OPEN) {
                return;
            }
            life = Life.DEVICE_GONE;
            left = new ArrayList<>(live);
            left.forEach(Resource::loseDevice);
        }
        events.disassociate(source);
        left.forEach(Resource::deviceLost);
    }

    /** Gives back what the context itself holds. Called once, after everything in it is closed. */
    protected abstract void release();

    @Override
    public String toString() {
        return label;
    }
}
