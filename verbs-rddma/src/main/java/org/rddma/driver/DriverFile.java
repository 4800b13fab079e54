package org.rddma.driver;

import java.nio.ByteBuffer;

/** One open descriptor of a driver: what open(2) of the device file gives. */
public abstract class DriverFile implements AutoCloseable {
    DriverFile() {}

    /**
     * Opens a driver.
     *
     * @param path of a device file or socket; null for the emulator inside this process
     * @param nonBlocking whether to open it with {@code O_NONBLOCK}
     * @return an open file
     */
    public static DriverFile open(String path, boolean nonBlocking) {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * The descriptor itself.
     *
     * @return for poll and epoll: readable exactly while a reply waits
     */
    public abstract int fd();

    /**
     * Whether {@code O_NONBLOCK} is set.
     *
     * @return true when neither writes nor reads wait
     */
    public abstract boolean nonBlocking();

    /**
     * Sets or clears {@code O_NONBLOCK}; the driver looks at it in each call.
     *
     * @param nonBlocking whether to set it
     */
    public abstract void nonBlocking(boolean nonBlocking);

    /**
     * Hands one command to the driver (write(2)).
     *
     * @param text direct
     * @param offset of the first byte
     * @param length in bytes
     * @return the length; or -EAGAIN when it cannot be taken now
     */
    public abstract int write(ByteBuffer text, int offset, int length);

    /**
     * Takes one reply, or the rest of one (read(2)).
     *
     * @param into direct
     * @param offset where to
     * @param length at most
     * @return how many bytes; or -EAGAIN when there is none
     */
    public abstract int read(ByteBuffer into, int offset, int length);

    /**
     * Waits for a reply (poll(2)).
     *
     * @param nanos how long; negative for ever
     * @return false after the timeout
     */
    public abstract boolean await(long nanos);

    /**
     * Maps a shared memory buffer (mmap(2)).
     *
     * @param mmapOffset as the driver's reply to {@code smb_mmap} says
     * @param length in bytes
     * @return the memory, shared with everybody who maps it
     */
    public abstract ByteBuffer map(long mmapOffset, long length);

    /** Closes it, once; whoever waits on it is woken. */
    @Override
    public abstract void close();
}
