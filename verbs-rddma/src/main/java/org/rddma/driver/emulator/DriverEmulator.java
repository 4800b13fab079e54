package org.rddma.driver.emulator;

import java.nio.file.Path;
import java.util.function.Supplier;
import org.rddma.driver.DriverFile;
import org.rddma.driver.internal.SocketDriverFile;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.UnixSocket;

/**
 * A driver in user space. Safe for use by several threads.
 *
 * <p>Each open file is a descriptor of its own: a socket that keeps commands and replies apart. A write is a command, a
 * read gives one reply, and poll(2) says when there is one. With read(2) and write(2) alone a program of any language
 * has a non-blocking file of the driver's; {@link DriverFile} adds what a socket cannot know: writes that return when
 * their command is done, mappings, asynchronous I/O.
 *
 * <p>Several nodes may be joined in one driver, as by a fabric: each open file belongs to one of them, node 0 unless
 * it says otherwise. Objects belong to the driver: they stay when the file that they were made by is closed. The memory
 * of a process that was registered ({@code map_address}) is withdrawn with the last file of that process.
 */
public final class DriverEmulator implements AutoCloseable {
    private static final String THREAD = "rddma driver";
    private static final Object SHARED_LOCK = new Object();
    private static DriverEmulator shared;
    private static int sharedOpens;

    private final DriverServer server;

    private DriverEmulator(EmulatorOptions options) {
        server = new DriverServer(options, THREAD);
    }

    /**
     * Starts a driver.
     *
     * @param options how it behaves
     * @return a driver without objects, with one thread
     * @throws VerbsException ENOSYS when native calls cannot be made here; EMFILE without descriptors
     */
    public static DriverEmulator start(EmulatorOptions options) {
        if (options == null) {
            throw new VerbsException("start", Errno.EINVAL, "the options are null: give EmulatorOptions.defaults()");
        }
        return new DriverEmulator(options);
    }

    /**
     * Opens the driver that this process shares: started by the first open, ended by the last close.
     *
     * @param nonBlocking whether to set {@code O_NONBLOCK}
     * @return the open file
     */
    public static DriverFile openShared(boolean nonBlocking) {
        synchronized (SHARED_LOCK) {
            if (sharedOpens == 0) {
                shared = start(EmulatorOptions.defaults());
            }
            sharedOpens++;
            try {
                return shared.open(0, nonBlocking, DriverEmulator::closeShared);
            } catch (RuntimeException | Error e) {
                closeShared();
                throw e;
            }
        }
    }

    private static void closeShared() {
        synchronized (SHARED_LOCK) {
            if (--sharedOpens == 0) {
                shared.close();
                shared = null;
            }
        }
    }

    /**
     * Opens a driver in another process, or in this one.
     *
     * @param path the socket where it listens
     * @param nonBlocking whether to set {@code O_NONBLOCK}
     * @return the open file
     * @throws VerbsException ENOENT or ECONNREFUSED (111) when no driver listens there
     */
    public static DriverFile connect(Path path, boolean nonBlocking) {
        UnixSocket socket = UnixSocket.connect(path, "open");
        return file(socket, () -> UnixSocket.connectNamed(path, "mmap"), path.toString(), nonBlocking, () -> {});
    }

    /**
     * Opens it.
     *
     * @param nonBlocking whether to set {@code O_NONBLOCK}
     * @return an open file of node 0
     * @throws VerbsException EMFILE when it has as many as it may; ENODEV when it has ended
     */
    public DriverFile open(boolean nonBlocking) {
        return open(0, nonBlocking);
    }

    /**
     * Opens one of its nodes.
     *
     * @param node any number: the first open of a node makes it
     * @param nonBlocking whether to set {@code O_NONBLOCK}
     * @return the open file
     * @throws VerbsException EMFILE when it has as many as it may; ENODEV when it has ended
     */
    public DriverFile open(int node, boolean nonBlocking) {
        return open(node, nonBlocking, () -> {});
    }

    private DriverFile open(int node, boolean nonBlocking, Runnable onClose) {
        UnixSocket socket = server.connect(node, false);
        return file(socket, () -> server.connect(node, true), "the driver's file", nonBlocking, onClose);
    }

    private static DriverFile file(
            UnixSocket socket, Supplier<UnixSocket> connector, String name, boolean nonBlocking, Runnable onClose) {
        try {
            return new SocketDriverFile(socket, connector, name, nonBlocking, onClose);
        } catch (RuntimeException | Error e) {
            socket.close(); // there are no descriptors left for the rest
            throw e;
        }
    }

    /**
     * Lets other processes of the same user open it.
     *
     * @param path of the socket; the file of a driver that has died is replaced
     * @throws VerbsException EADDRINUSE (98) when a driver listens there, or another file is there, which is left alone;
     *     EINVAL when the path is null or has more than 107 bytes; ENOENT when there is no such folder; EBUSY when others
     *     do the same in this folder for seconds; ENODEV when this driver has ended
     */
    public void listen(Path path) {
        listen(0, path);
    }

    /**
     * Lets other processes of the same user open one of its nodes.
     *
     * @param node any number
     * @param path of the socket; the file of a driver that has died is replaced
     * @throws VerbsException EADDRINUSE (98) when a driver listens there, or another file is there, which is left alone;
     *     EINVAL when the path is null or has more than 107 bytes; ENOENT when there is no such folder; EBUSY when others
     *     do the same in this folder for seconds; ENODEV when this driver has ended
     */
    public void listen(int node, Path path) {
        server.listen(node, path);
    }

    /**
     * What it has done.
     *
     * @return the numbers now
     */
    public EmulatorCounters counters() {
        return server.counters();
    }

    /**
     * Lets copies fail as after a fault of the hardware: their events are answered with -5.
     *
     * @param count how many, beginning with the next one
     */
    public void failTransfers(int count) {
        server.core().failTransfers(count);
    }

    /** Ends it: its files end with an error, its sockets' files are removed, and its thread is gone. */
    @Override
    public void close() {
        server.close();
    }
}
