package org.rddma.verbs.app;

import org.rddma.verbs.VerbsException;

/**
 * A descriptor of the program's own that an {@link EventLoop} watches. It stays the program's: remove it before closing
 * it. For the loop's thread.
 */
public final class WatchedDescriptor {
    private final EventLoop loop;
    private final DescriptorSource source;

    WatchedDescriptor(EventLoop loop, DescriptorSource source) {
        this.loop = loop;
        this.source = source;
    }

    /**
     * The descriptor.
     *
     * @return its number
     */
    public int fd() {
        return source.fd;
    }

    /**
     * Changes what it is watched for; at first that is something to read. With neither, only errors and hang-ups are
     * told. What it is ready for already is told again, also where only changes are watched.
     *
     * @param reading whether for something to read
     * @param writing whether for room
     * @throws VerbsException EBADF when it was removed or closed, or the loop is closed; EPERM in another thread than
     *     the loop's
     */
    public void interest(boolean reading, boolean writing) {
        loop.requireMine("WatchedDescriptor.interest");
        loop.core().sources().changeDescriptor(source, reading, writing, "WatchedDescriptor.interest");
    }

    /**
     * Watches it no more: its handler is not called again, whatever has been seen already.
     *
     * @return false when it was removed before
     * @throws VerbsException EBADF when the loop is closed; EPERM in another thread than the loop's
     */
    public boolean remove() {
        loop.requireMine("WatchedDescriptor.remove");
        return loop.core().sources().removeDescriptor(source);
    }
}
