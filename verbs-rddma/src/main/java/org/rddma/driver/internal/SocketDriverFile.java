package org.rddma.driver.internal;

import static org.rddma.verbs.internal.os.UnixSocket.NONE;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.rddma.driver.DriverFile;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.channel.DescriptorWait;
import org.rddma.verbs.internal.os.EventFd;
import org.rddma.verbs.internal.os.SharedMemory;
import org.rddma.verbs.internal.os.UnixSocket;
import org.rddma.verbs.internal.ring.SpinLock;

/**
 * A file of a driver in user space: see {@link SocketProtocol}. System calls never wait; threads that have to do so in
 * poll(2), where they can be woken.
 *
 * <p>A reply of which only a part has been read stays in the socket, so that the descriptor says that there is more.
 */
public final class SocketDriverFile extends DriverFile {
    /** How long a non-blocking write looks for room: the driver takes commands in microseconds, unless it refuses to. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long MAP_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int EPIPE = 32;
    private static final int ECONNRESET = 104;
    private static final int EMSGSIZE = 90;

    private final UnixSocket socket;
    private final Supplier<UnixSocket> connector;
    private final String name;
    private final EventFd done = EventFd.semaphore("open");
    private final DescriptorWait wait;
    private final SpinLock sendLock = new SpinLock();
    private final SpinLock readLock = new SpinLock();

    /** Held by a blocking write until its command is done. */
    private final ReentrantLock turn = new ReentrantLock();

    /** Blocking writes that were interrupted, and whose commands are not done yet; guarded by the turn. */
    private int undone;

    /** Between any buffer of the caller's and the system, which is told the address of these alone: asking allocates. */
    private final ByteBuffer command = ByteBuffer.allocateDirect(SocketProtocol.LONGEST_WRITE);

    private final ByteBuffer reply = ByteBuffer.allocateDirect(LONGEST_REPLY);
    private int consumed;
    private volatile boolean nonBlocking;

    /**
     * On a socket that is connected to a driver.
     *
     * @param socket its own from now on
     * @param connector makes further connections
     * @param name for messages
     * @param nonBlocking as {@code O_NONBLOCK}
     * @param onClose called once, when the socket is closed
     */
    public SocketDriverFile(
            UnixSocket socket, Supplier<UnixSocket> connector, String name, boolean nonBlocking, Runnable onClose) {
        this.socket = socket;
        this.connector = connector;
        this.name = name;
        wait = new DescriptorWait(name, () -> {
            socket.close();
            done.close();
            onClose.run();
        });
        nonBlocking(nonBlocking);
    }

    @Override
    public int fd() {
        wait.requireOpen("fd");
        return socket.fd();
    }

    @Override
    public boolean nonBlocking() {
        return nonBlocking;
    }

    @Override
    public void nonBlocking(boolean newNonBlocking) {
        wait.enter("fcntl");
        try {
            socket.nonBlocking(newNonBlocking);
            nonBlocking = newNonBlocking;
        } finally {
            wait.leave();
        }
    }

    // ---- writing

    @Override
    public int write(ByteBuffer text, int offset, int length) {
        requireRange("write", text, offset, length);
        wait.enter("write");
        try {
            return nonBlocking ? writePatiently(text, offset, length, NONE) : writeAndWait(text, offset, length);
        } finally {
            wait.leave();
        }
    }

    /**
     * Hands a message to the driver, which adds one to an eventfd when the reply can be read.
     *
     * @param message direct
     * @param offset of the first byte
     * @param length in bytes
     * @param eventFd open during the call
     * @return as {@link #write} of a non-blocking file
     */
    public int writeAnnounced(ByteBuffer message, int offset, int length, int eventFd) {
        requireRange("write", message, offset, length);
        wait.enter("write");
        try {
            return writePatiently(message, offset, length, eventFd);
        } finally {
            wait.leave();
        }
    }

    private int writePatiently(ByteBuffer text, int offset, int length, int eventFd) {
        int sent = send(text, offset, length, eventFd);
        if (sent != -Errno.EAGAIN) {
            return sent;
        }
        long start = System.nanoTime();
        do {
            wait.requireOpen("write");
            Thread.yield();
            sent = send(text, offset, length, eventFd);
        } while (sent == -Errno.EAGAIN && System.nanoTime() - start < PATIENCE_NANOS);
        return sent;
    }

    private int writeAndWait(ByteBuffer text, int offset, int length) {
        try {
            turn.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new VerbsException("write", Errno.EINTR, "the thread was interrupted before its command began", e);
        }
        try {
            while (undone > 0) {
                awaitDone();
            }
            int sent = send(text, offset, length, done.fd());
            while (sent == -Errno.EAGAIN) {
                boolean unused = wait.await(socket.fd(), true, NONE, -1, "write");
                sent = send(text, offset, length, done.fd());
            }
            undone++;
            awaitDone();
            return sent;
        } finally {
            turn.unlock();
        }
    }

    private void awaitDone() {
        while (!done.take()) {
            boolean unused = wait.await(done.fd(), false, socket.fd(), -1, "write");
            if (done.take()) {
                break;
            }
            throw gone("write", EPIPE); // its end of the socket is closed, and it has not signalled before
        }
        undone--;
    }

    private int send(ByteBuffer text, int offset, int length, int eventFd) {
        int sent;
        sendLock.lock();
        try {
            boolean fits = length <= command.capacity();
            sent = fits
                    ? socket.send(command.put(0, text, offset, length), 0, length, eventFd)
                    : socket.send(text, offset, length, eventFd); // the driver will say that it is too long
        } finally {
            sendLock.unlock();
        }
        return switch (sent) {
            case -EPIPE, -ECONNRESET -> throw gone("write", EPIPE);
            case -EMSGSIZE -> throw new VerbsException("write", Errno.EINVAL, length + " bytes are too long a command");
            default -> {
                if (sent < 0 && sent != -Errno.EAGAIN) { // nothing was sent, so nothing will be answered
                    throw new VerbsException("write", -sent, "the socket of " + name + " takes nothing");
                }
                yield sent;
            }
        };
    }

    // ---- reading

    @Override
    public int read(ByteBuffer into, int offset, int length) {
        requireRange("read", into, offset, length);
        if (into.isReadOnly()) {
            throw new VerbsException("read", Errno.EINVAL, "give a buffer that is not read-only");
        }
        wait.enter("read");
        try {
            int read = readNow(into, offset, length);
            while (read == -Errno.EAGAIN && !nonBlocking) {
                boolean unused = wait.await(socket.fd(), false, NONE, -1, "read");
                read = readNow(into, offset, length);
            }
            return read;
        } finally {
            wait.leave();
        }
    }

    private int readNow(ByteBuffer into, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        readLock.lock();
        try {
            boolean whole = consumed == 0 && length >= LONGEST_REPLY;
            int read = whole ? readWhole(into, offset) : readPart(into, offset, length);
            if (read == -ECONNRESET) { // the driver left commands behind; its replies are still here
                read = whole ? readWhole(into, offset) : readPart(into, offset, length);
            }
            if (read == 0) {
                throw gone("read", Errno.EIO);
            }
            return read;
        } finally {
            readLock.unlock();
        }
    }

    private int readWhole(ByteBuffer into, int offset) {
        int there = Math.min(socket.receive(reply, 0, LONGEST_REPLY), LONGEST_REPLY);
        if (there > 0) {
            into.put(offset, reply, 0, there);
        }
        return there;
    }

    private int readPart(ByteBuffer into, int offset, int length) {
        int there = Math.min(socket.peek(reply, 0, LONGEST_REPLY), LONGEST_REPLY);
        if (there <= 0) {
            return there;
        }
        int part = Math.min(length, there - consumed);
        into.put(offset, reply, consumed, part);
        consumed += part;
        if (consumed == there) {
            int unused = socket.receive(reply, 0, LONGEST_REPLY);
            consumed = 0;
        }
        return part;
    }

    @Override
    public boolean await(long nanos) {
        wait.enter("poll");
        try {
            return wait.await(socket.fd(), false, NONE, nanos, "poll");
        } finally {
            wait.leave();
        }
    }

    // ---- mapping

    @Override
    public ByteBuffer map(long mmapOffset, long length) {
        wait.enter("mmap");
        try {
            UnixSocket connection = connector.get();
            try {
                return map(connection, mmapOffset, length);
            } finally {
                connection.close();
            }
        } finally {
            wait.leave();
        }
    }

    private ByteBuffer map(UnixSocket connection, long ticket, long length) {
        ByteBuffer request = SocketProtocol.mapRequest(ticket, length);
        if (connection.send(request, 0, request.capacity(), NONE) < 0
                || !wait.await(connection.fd(), false, NONE, MAP_TIMEOUT_NANOS, "mmap")) {
            throw gone("mmap", Errno.EIO);
        }
        ByteBuffer answer = ByteBuffer.allocateDirect(LONGEST_REPLY);
        int received = connection.receiveWithDescriptor(answer, 0, LONGEST_REPLY);
        int memory = connection.takeDescriptor();
        try {
            if (received <= 0 || received > LONGEST_REPLY || answer.get(0) != SocketProtocol.FRAME) {
                throw gone("mmap", Errno.EIO);
            }
            long[] numbers = SocketProtocol.parseMapReply(answer, received);
            if (numbers[0] != 0 || memory == NONE) {
                throw new VerbsException(
                        "mmap",
                        numbers[0] < 0 ? (int) -numbers[0] : Errno.EINVAL,
                        "nothing of " + length + " bytes can be mapped at " + Long.toHexString(ticket)
                                + ": give an mmap_offset that a reply has told, and no more than its buffer has");
            }
            return SharedMemory.map(memory, numbers[1], length, "mmap");
        } catch (NumberFormatException e) {
            throw new VerbsException("mmap", Errno.EIO, "the driver's answer makes no sense", e);
        } finally {
            if (memory != NONE) {
                UnixSocket.closeDescriptor(memory);
            }
        }
    }

    private VerbsException gone(String verb, int errno) {
        return new VerbsException(verb, errno, "the driver behind " + name + " is gone: open it again");
    }

    @Override
    public void close() {
        wait.close();
    }

    @Override
    public String toString() {
        return name;
    }
}
