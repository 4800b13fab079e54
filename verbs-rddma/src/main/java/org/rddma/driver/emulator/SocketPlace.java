package org.rddma.driver.emulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.FolderLock;
import org.rddma.verbs.internal.os.UnixSocket;

/**
 * The file where a driver listens. A socket where nobody listens any more is replaced; anything else is left alone. All
 * of it happens under a lock of the folder: otherwise one driver could find a socket dead that another has only just
 * made, or remove the one that has replaced the dead one meanwhile.
 */
final class SocketPlace {
    private static final int EADDRINUSE = 98;
    private static final int EPROTOTYPE = 91;
    private static final int ECONNREFUSED = 111;
    private static final int BACKLOG = 64;
    private static final int KIND_OF_FILE = 0170000;
    private static final int SOCKET = 0140000;

    private final Path path;
    private final UnixSocket socket;
    private final Object file;

    private SocketPlace(Path path, UnixSocket socket, Object file) {
        this.path = path;
        this.socket = socket;
        this.file = file;
    }

    /**
     * Listens.
     *
     * @param path not null
     * @return the only one at this path
     * @throws VerbsException EADDRINUSE (98), EINVAL and others as {@link DriverEmulator#listen(Path)} says
     */
    static SocketPlace take(Path path) {
        if (path == null) {
            throw new VerbsException("listen", Errno.EINVAL, "the path is null: say where to listen");
        }
        Path absolute = path.toAbsolutePath(); // only for the folder: the socket's path must be short
        Path folder = absolute.getParent() == null ? absolute : absolute.getParent();
        FolderLock lock = FolderLock.take(folder, UnixSocket.PATIENCE_NANOS, "listen");
        try {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                removeIfDead(path);
            }
            return listen(path);
        } finally {
            lock.close();
        }
    }

    private static SocketPlace listen(Path path) {
        UnixSocket socket = UnixSocket.listen(path, BACKLOG, "listen");
        try {
            return new SocketPlace(path, socket, fileAt(path));
        } catch (UncheckedIOException e) {
            socket.close();
            throw e;
        }
    }

    private static void removeIfDead(Path path) {
        if (!isSocket(path)) { // connect(2) says of any file that nobody listens
            throw new VerbsException("listen", EADDRINUSE, "another file is at " + path + ": give another path");
        }
        try {
            UnixSocket.connect(path, 0, "listen").close();
        } catch (VerbsException e) {
            if (e.errno() == ECONNREFUSED) {
                delete(path);
                return;
            }
            if (e.errno() != Errno.ETIMEDOUT && e.errno() != EPROTOTYPE) { // those mean that somebody does listen
                throw e;
            }
        }
        throw new VerbsException("listen", EADDRINUSE, "a driver listens at " + path + " already: give another path");
    }

    private static boolean isSocket(Path path) {
        try {
            int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            return (mode & KIND_OF_FILE) == SOCKET;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Object fileAt(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey();
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path path) {
        try {
            boolean unused = Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    UnixSocket socket() {
        return socket;
    }

    /** Listens no more, and takes the file away, unless another one is there by now. */
    void giveBack() {
        try {
            if (file != null && Objects.equals(file, fileAt(path))) {
                delete(path);
            }
        } finally {
            socket.close();
        }
    }
}
