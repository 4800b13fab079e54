package org.rddma.verbs.spi;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * The life cycle that all objects of a context share: an object is open, then closed; it cannot be closed while
 * others use it; it cannot be used once it is closed. Checked and changed under one lock of the context, so that of
 * two threads, one that creates a user and one that closes, exactly one succeeds.
 */
public abstract class Resource implements AutoCloseable {
    private static final int NAMES_IN_MESSAGE = 4;

    private final AbstractContext owner;
    private final String label;
    private final Resource[] uses;
    private final Set<Resource> users = new LinkedHashSet<>();
    private volatile Life life = Life.OPEN;

    /** Whether what it held is given back; guarded by the context's lock. */
    private boolean released;

    /**
     * Not open before {@link #open} is called.
     *
     * @param owner the context
     * @param label for messages, such as {@code completion queue 3}
     * @param uses what must stay open as long as this is; nulls are passed over
     */
    protected Resource(AbstractContext owner, String label, Resource... uses) {
        this.owner = owner;
        this.label = label;
        this.uses = uses;
    }

    /**
     * Makes it known to what it uses, as the last step of its creation.
     *
     * @param verb on whose behalf
     * @throws VerbsException EBADF when the context or something that it uses is closed, EIO when the device is gone;
     *     then it has given back what it held
     */
    public final void open(String verb) {
        try {
            attach(verb);
        } catch (VerbsException e) {
            life = Life.CLOSED;
            release();
            forgotten();
            synchronized (owner.lifeCycleLock()) {
                released = true;
            }
            throw e;
        }
    }

    private void attach(String verb) {
        synchronized (owner.lifeCycleLock()) {
            owner.requireOpen(verb);
            for (Resource used : uses) {
                if (used != null) {
                    used.requireOpen(verb);
                }
            }
            for (Resource used : uses) {
                if (used != null) {
                    used.users.add(this);
                }
            }
            owner.live().add(this);
        }
    }

    /**
     * Fails with EBADF when it is closed, and with EIO when its device is gone.
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
     * Fails with EBADF when it is closed: for what can still be done when the device is gone.
     *
     * @param verb on whose behalf
     */
    protected final void requireNotClosed(String verb) {
        Life current = life;
        if (current == Life.CLOSED) {
            throw current.refusal(verb, label);
        }
    }

    /**
     * Whether it is closed, or being closed.
     *
     * @return true once it cannot be used any more
     */
    public final boolean isClosed() {
        return life == Life.CLOSED;
    }

    /**
     * Begins to close it: from here on it cannot be used.
     *
     * @param verb on whose behalf
     * @return false when it is closed already
     * @throws VerbsException EBUSY while others use it
     */
    protected boolean beginClose(String verb) {
        synchronized (owner.lifeCycleLock()) {
            if (life == Life.CLOSED) {
                return false;
            }
            if (!users.isEmpty() && !owner.isClosed()) { // a closing context closes all, in its own order
                String names = users.stream()
                        .limit(NAMES_IN_MESSAGE)
                        .map(user -> user.label)
                        .collect(Collectors.joining(", "));
                String more =
                        users.size() > NAMES_IN_MESSAGE ? " and " + (users.size() - NAMES_IN_MESSAGE) + " more" : "";
                throw new VerbsException(
                        verb, Errno.EBUSY, label + " is used by " + names + more + ": close what uses it first");
            }
            life = Life.CLOSED;
            return true;
        }
    }

    /** Ends closing it: what it used may now be closed. */
    protected final void endClose() {
        synchronized (owner.lifeCycleLock()) {
            if (owner.live().remove(this)) {
                for (Resource used : uses) {
                    if (used != null) {
                        used.users.remove(this);
                    }
                }
                forgotten();
            }
        }
    }

    /**
     * Something begins to use it that was not made with it.
     *
     * @param user while it uses this, this cannot be closed
     * @return false when this is closed
     */
    protected final boolean addUser(Resource user) {
        synchronized (owner.lifeCycleLock()) {
            if (life == Life.CLOSED) {
                return false;
            }
            users.add(user);
            return true;
        }
    }

    /**
     * Ends {@link #addUser}.
     *
     * @param user as given there
     */
    protected final void removeUser(Resource user) {
        synchronized (owner.lifeCycleLock()) {
            users.remove(user);
        }
    }

    /**
     * Whether something uses it.
     *
     * @return true when it cannot be closed now
     */
    protected final boolean isUsed() {
        synchronized (owner.lifeCycleLock()) {
            return !users.isEmpty();
        }
    }

    /**
     * From now on uses another object in place of one that it was made with.
     *
     * @param verb on whose behalf
     * @param before one of those given at creation
     * @param after the other
     * @throws VerbsException EBADF when this or the other is closed: then nothing is changed
     */
    protected final void useInstead(String verb, Resource before, Resource after) {
        synchronized (owner.lifeCycleLock()) {
            requireOpen(verb);
            after.requireOpen(verb);
            for (int i = 0; i < uses.length; i++) {
                if (uses[i] == before) {
                    uses[i] = after;
                    before.users.remove(this);
                    after.users.add(this);
                    return;
                }
            }
        }
    }

    /** Gives back what it holds. Called once, after it cannot be used any more; must not wait for the user. */
    protected abstract void release();

    /** Its verbs fail with EIO from here on. The caller holds the context's lock. */
    final void loseDevice() {
        if (life == Life.OPEN) {
            life = Life.DEVICE_GONE;
        }
    }

    /** The device is gone: what is under way in this object ends. Its verbs fail already; must not wait for the user. */
    protected void deviceLost() {}

    /** The context is closing: threads that wait while closing this object must return. */
    protected void abandonWaits() {}

    /** Events about it that were read and not acknowledged. */
    int owedAcknowledgements() {
        return 0;
    }

    /** Called once when it is gone, to give back its share of a limit. */
    protected void forgotten() {}

    /** Closes it with all that uses it closed already: the context is closing. */
    final void closeWithContext() {
        abandonWaits();
        releaseOnce();
        endClose();
    }

    @Override
    public void close() {
        releaseOnce();
        endClose();
    }

    /**
     * Gives back what it holds, or waits until another thread that closes it has: whoever returns from closing may
     * rely on it.
     */
    final void releaseOnce() {
        if (beginClose("close")) {
            try {
                release();
                withdrawEvents();
            } finally {
                synchronized (owner.lifeCycleLock()) {
                    released = true;
                    owner.lifeCycleLock().notifyAll();
                }
            }
        } else {
            awaitReleased();
        }
    }

    private void awaitReleased() {
        boolean interrupted = false;
        synchronized (owner.lifeCycleLock()) {
            while (!released) { // short: a release does not wait for the user
                try {
                    owner.lifeCycleLock().wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Called once, after the release: unread events about it vanish. */
    void withdrawEvents() {}

    @Override
    public String toString() {
        return label;
    }
}
