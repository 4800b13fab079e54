package org.rddma.driver;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.rddma.driver.emulator.DriverEmulator;
import org.rddma.verbs.VerbsException;

/** One open descriptor of a driver: what open(2) of the device file gives. */
public abstract class DriverFile implements AutoCloseable {
    /** The property that names the device file. */
    public static final String PROPERTY = "rddma.device";

    /** The environment variable that names the device file. */
    public static final String ENVIRONMENT = "RDDMA_DEVICE";

    /** As long as the longest reply: who reads with so much room gets each in one piece. */
    public static final int LONGEST_REPLY = 8192;

    /** For implementations. */
    protected DriverFile() {}

    /**
     * Opens a driver.
     *
     * @param path of a device file, or of a socket of a driver in user space; null for what the property {@value #PROPERTY}
     *     says, then the environment's {@value #ENVIRONMENT}, and without either a driver in this process, which is
     *     started when it is first opened and ends with the last close
     * @param nonBlocking whether to set {@code O_NONBLOCK}
     * @return the open file
     * @throws VerbsException ENOENT when there is nothing, ENODEV when it is no driver, and what else the system says
     */
    public static DriverFile open(String path, boolean nonBlocking) {
        String chosen = path == null ? configured() : path;
        return chosen == null
                ? DriverEmulator.openShared(nonBlocking)
                : DriverEmulator.connect(Path.of(chosen), nonBlocking);
    }

    private static String configured() {
        String property = System.getProperty(PROPERTY);
        return property == null ? System.getenv(ENVIRONMENT) : property;
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
