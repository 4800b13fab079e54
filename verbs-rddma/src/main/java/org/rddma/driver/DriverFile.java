package org.rddma.driver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.rddma.driver.emulator.DriverEmulator;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * One open descriptor of a driver: what open(2) of the device file gives, close to the metal.
 *
 * <p>A write is one command, a read is one reply with its line feed. Replies come back only here. Without
 * {@code O_NONBLOCK} a write returns when its command is done and its reply can be read, so replies come in the order of
 * the commands; with it a write returns at once, and replies come in the order in which commands end. A command that
 * fails is no error of its write: its reply says so. When the file is closed, commands that are under way go on, and
 * their replies are dropped.
 *
 * <p>Safe for use by several threads, but then it is chance who reads whose reply. A wait ends with EINTR when the thread
 * is interrupted, whose status stays set, and with EBADF when the file is closed; only a blocking write to a driver in
 * the kernel waits until its command is done, because it is carried out in the call itself. The rules are those of the
 * driver of 2008; see the emulator's package for what it does differently.
 */
public abstract class DriverFile implements AutoCloseable {
    /** The property that names the device file. */
    public static final String PROPERTY = "rddma.device";

    /** The environment variable that names the device file. */
    public static final String ENVIRONMENT = "RDDMA_DEVICE";

    /** As long as the longest reply: who reads with so much room gets each in one piece. */
    public static final int LONGEST_REPLY = 8192;

    private static final int FILE_TYPE = 0xF000;
    private static final int CHARACTER_DEVICE = 0x2000;
    private static final int SOCKET = 0xC000;

    /** For implementations. */
    protected DriverFile() {}

    /**
     * Opens a driver.
     *
     * @param path of a device file, or of a socket of a driver in user space; null for what the property {@value #PROPERTY}
     *     says, then the environment's {@value #ENVIRONMENT}, of several separated by commas the first, and without
     *     either a driver in this process, which is started when it is first opened and ends with the last close
     * @param nonBlocking whether to set {@code O_NONBLOCK}
     * @return the open file
     * @throws VerbsException ENOENT when there is nothing, ENODEV when it is neither a device nor a socket, ECONNREFUSED
     *     (111) when nobody listens at the socket any more, EMFILE without descriptors or when the driver has as many
     *     open files as it may, and what else the system says
     */
    public static DriverFile open(String path, boolean nonBlocking) {
        String chosen = path == null ? configured() : path;
        if (chosen == null) {
            return DriverEmulator.openShared(nonBlocking);
        }
        Path file;
        try {
            file = Path.of(chosen);
        } catch (InvalidPathException e) {
            throw new VerbsException("open", Errno.EINVAL, "'" + chosen + "' is no path", e);
        }
        return switch (typeOf(file)) {
            case CHARACTER_DEVICE -> new KernelDriverFile(file, nonBlocking);
            case SOCKET -> DriverEmulator.connect(file, nonBlocking);
            default ->
                throw new VerbsException(
                        "open",
                        Errno.ENODEV,
                        file + " is neither a device file nor a socket: give the path of a driver, or none at all");
        };
    }

    private static String configured() {
        String property = System.getProperty(PROPERTY);
        String chosen = property == null ? System.getenv(ENVIRONMENT) : property;
        String first = chosen == null ? "" : chosen.split(",", 2)[0].strip();
        return first.isEmpty() ? null : first;
    }

    private static int typeOf(Path file) {
        try {
            return (int) Files.getAttribute(file, "unix:mode") & FILE_TYPE;
        } catch (NoSuchFileException e) {
            throw new VerbsException(
                    "open", Errno.ENOENT, "there is no " + file + ": load the driver, or start one in user space", e);
        } catch (IOException e) {
            throw new VerbsException("open", Errno.EACCES, file + " cannot be looked at: " + e.getMessage(), e);
        }
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
     * @return the length; or -EAGAIN when it cannot be taken now: a driver in user space takes no more commands of a
     *     file that has too many replies to read
     * @throws VerbsException EINVAL for what is no direct buffer or outside of it, EINTR and EBADF as above, EPIPE (32)
     *     when the driver is gone
     */
    public abstract int write(ByteBuffer text, int offset, int length);

    /**
     * Takes one reply, or the rest of one (read(2)).
     *
     * @param into direct
     * @param offset where to
     * @param length at most
     * @return how many bytes; or -EAGAIN when there is none and the file does not block
     * @throws VerbsException EINVAL for what is no direct, writable buffer or outside of it, EINTR and EBADF as above,
     *     EIO when the driver is gone
     */
    public abstract int read(ByteBuffer into, int offset, int length);

    /**
     * Waits for a reply (poll(2)).
     *
     * @param nanos how long; negative for ever
     * @return false after the timeout; true when there is a reply, or the driver is gone, as the read will say
     * @throws VerbsException EINTR and EBADF as above
     */
    public abstract boolean await(long nanos);

    /**
     * Maps a shared memory buffer (mmap(2)).
     *
     * @param mmapOffset as the driver's reply to {@code smb_mmap} says
     * @param length in bytes
     * @return the memory in native order, shared with everybody who maps it, for as long as the buffer is reachable
     * @throws VerbsException EINVAL when the driver gave no such ticket, or one for less
     */
    public abstract ByteBuffer map(long mmapOffset, long length);

    /** Closes it, once; whoever waits on it is woken. */
    @Override
    public abstract void close();

    /**
     * Fails when a range is not inside a direct buffer.
     *
     * @param verb on whose behalf
     * @param buffer to be read or written by the system
     * @param offset of the first byte
     * @param length in bytes
     */
    protected static void requireRange(String verb, ByteBuffer buffer, int offset, int length) {
        if (buffer == null || !buffer.isDirect() || verb.equals("read") && buffer.isReadOnly()) {
            throw new VerbsException(verb, Errno.EINVAL, "give a direct buffer, and a writable one to read into");
        }
        if (offset < 0 || length < 0 || offset > buffer.capacity() - length) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    length + " bytes at " + offset + " are not inside the buffer's " + buffer.capacity());
        }
    }
}
