package org.rddma.driver.emulator;

import static org.rddma.verbs.internal.os.UnixSocket.NONE;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import org.rddma.driver.DriverFile;
import org.rddma.driver.internal.SocketProtocol;
import org.rddma.verbs.Errno;
import org.rddma.verbs.internal.os.EventFd;
import org.rddma.verbs.internal.os.UnixSocket;

/**
 * One open file: its commands come in, its replies go out. Belongs to the driver thread.
 *
 * <p>Replies that the socket has no room for wait here. When there are too many of them, the session's commands are
 * left in the socket, where they hold their writer up, until it reads. So what a client can make the driver remember
 * is bounded: those replies, and the commands that wait for something.
 */
final class Session implements Client {
    /** How many commands are taken before it is the turn of others. */
    private static final int BURST = 16;

    private final DriverServer server;
    private final UnixSocket socket;
    private final long key;
    private final int pid;
    private final int node;
    private final boolean mapping;
    private final EmulatorLimits limits;
    private final ArrayDeque<Unread> unread = new ArrayDeque<>(0);
    /** Commands under way whose reply is to be announced, and that hold a descriptor for it. */
    private final Set<Answer> announcing = new HashSet<>(0);

    private int outstanding;
    private boolean watched;
    private boolean watchesReading;
    private boolean watchesWriting;
    private boolean closed;

    /** A reply that the socket had no room for, and who is told when it can be read; null for nobody. */
    private static final class Unread {
        private final byte[] message;
        private final Answer announced;

        Unread(byte[] message, Answer announced) {
            this.message = message;
            this.announced = announced;
        }
    }

    Session(DriverServer server, UnixSocket socket, long key, int node, boolean mapping) {
        this.server = server;
        this.socket = socket;
        this.key = key;
        this.node = node;
        this.mapping = mapping;
        limits = server.options().limits();
        pid = socket.peerPid();
        watch();
    }

    @Override
    public int pid() {
        return pid;
    }

    @Override
    public int node() {
        return node;
    }

    /** Whether it is no open file: its client asks for mappings, and for nothing else. */
    boolean isMapping() {
        return mapping;
    }

    /** Where the reply to one command goes; called once. */
    private final class Answer implements Replier {
        private final long id;
        private final boolean framed;
        private int announced;

        Answer(boolean framed, long id, int announced) {
            this.framed = framed;
            this.id = id;
            this.announced = announced;
            if (announced != NONE) {
                announcing.add(this);
                server.announcing(1);
            }
        }

        @Override
        public void reply(String line) {
            outstanding--;
            if (closed) {
                server.count().dropped.increment();
            } else {
                boolean sent = send(encode(line), framed ? this : null);
                server.count().replies.increment();
                if (!sent && framed) {
                    return;
                }
            }
            announce();
        }

        /** A framed reply is announced when it is in the socket, a blocking write ends although it may not be yet. */
        void announce() {
            if (announced != NONE) {
                EventFd.signal(announced);
                announcing.remove(this);
                release();
            }
        }

        void release() {
            UnixSocket.closeDescriptor(announced);
            announced = NONE;
            server.announcing(-1);
        }

        private ByteBuffer encode(String line) {
            ByteBuffer out = server.outgoing().clear();
            if (framed) {
                out.put(SocketProtocol.FRAME).putLong(id);
            }
            int room = DriverFile.LONGEST_REPLY - out.position() - 1;
            int over = line.length() - room;
            // of a line that is too long the end is kept: there is the result
            int result = over > 0 ? Math.max(over, line.lastIndexOf("result(") - 1) : line.length();
            put(out, line, 0, over > 0 ? result - over : result);
            put(out, line, result, line.length());
            return out.put((byte) '\n').flip();
        }

        private static void put(ByteBuffer out, String line, int from, int to) {
            for (int i = from; i < to; i++) {
                char letter = line.charAt(i);
                out.put(letter > 0xff ? (byte) '?' : (byte) letter);
            }
        }
    }

    // ---- replies

    /** Whether the socket had room; otherwise the answer is announced when it has. */
    private boolean send(ByteBuffer message, Answer answer) {
        if (unread.isEmpty()) {
            int sent = socket.send(message, 0, message.limit(), NONE);
            if (sent != -Errno.EAGAIN) { // of any other error the reader will learn
                return true;
            }
        }
        byte[] kept = new byte[message.limit()];
        message.get(0, kept);
        unread.add(new Unread(kept, answer));
        watch();
        return false;
    }

    /** The socket may have room. */
    void writable() {
        while (!closed && !unread.isEmpty()) {
            byte[] next = unread.element().message;
            ByteBuffer out = server.outgoing().clear().put(next).flip();
            if (socket.send(out, 0, next.length, NONE) == -Errno.EAGAIN) {
                break;
            }
            Answer answer = unread.remove().announced;
            if (answer != null) {
                answer.announce();
            }
        }
        watch();
    }

    private boolean isFull() {
        return unread.size() >= limits.unread();
    }

    /** Waits for what there is to wait for. */
    private void watch() {
        if (closed) {
            return;
        }
        boolean reading = !isFull();
        boolean writing = !unread.isEmpty();
        if (!watched || reading != watchesReading || writing != watchesWriting) {
            server.watch(socket.fd(), watched, reading, writing, key);
            watched = true;
            watchesReading = reading;
            watchesWriting = writing;
        }
    }

    // ---- commands

    /** There may be commands, or the client is gone. */
    void readable() {
        ByteBuffer in = server.incoming();
        for (int i = 0; i < BURST && !closed && !isFull(); i++) {
            int length = socket.receiveWithDescriptor(in, 0, SocketProtocol.LONGEST_WRITE);
            boolean lost = socket.lostDescriptor();
            int descriptor = socket.takeDescriptor();
            if (length == -Errno.EAGAIN) {
                return;
            }
            if (length > 0 && lost) {
                close(); // what cannot be announced would be waited for without an end: let the client see one
                return;
            }
            if (length == 0 && !server.isHungUp(socket.fd())) {
                received(in, 0, descriptor); // an empty line is a command too
            } else if (length == 0 || length < 0 && length != -Errno.EINTR && length != -DriverServer.ECONNRESET) {
                giveBack(descriptor);
                close();
            } else if (length > 0) {
                received(in, length, descriptor);
            }
        }
    }

    private void received(ByteBuffer in, int length, int descriptor) {
        boolean framed = length > 0 && in.get(0) == SocketProtocol.FRAME;
        boolean tooLong = length > SocketProtocol.LONGEST_WRITE;
        int there = tooLong ? SocketProtocol.LONGEST_WRITE : length;
        if (framed && (descriptor == NONE || there < SocketProtocol.FRAMED)) { // else it is announced: a command
            String text = text(in, 1, there);
            long[] numbers = SocketProtocol.parseMapRequest(text);
            if (numbers != null) {
                giveBack(descriptor);
                map(numbers[0], numbers[1]);
                return;
            }
        }
        if (mapping) {
            giveBack(descriptor);
            close();
            return;
        }
        if (framed && there >= SocketProtocol.FRAMED) {
            Answer answer = new Answer(true, in.getLong(SocketProtocol.ID), descriptor);
            execute(text(in, SocketProtocol.FRAMED, there), answer, tooLong, false);
            return;
        }
        String text = text(in, 0, there);
        int end = text.indexOf('\n');
        String first = end < 0 ? text : text.substring(0, end);
        String rest = end < 0 || server.options().firstLineOnly() ? "" : text.substring(end + 1);
        while (!rest.isEmpty()) {
            execute(first, new Answer(false, 0, NONE), tooLong, true);
            end = rest.indexOf('\n');
            first = end < 0 ? rest : rest.substring(0, end);
            rest = end < 0 ? "" : rest.substring(end + 1);
        }
        execute(first, new Answer(false, 0, descriptor), tooLong, descriptor != NONE);
    }

    /** A descriptor that came for nothing. */
    private static void giveBack(int descriptor) {
        if (descriptor != NONE) {
            UnixSocket.closeDescriptor(descriptor);
        }
    }

    private static String text(ByteBuffer in, int from, int to) {
        byte[] bytes = new byte[Math.max(0, to - from)];
        in.get(from, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private void execute(String text, Answer answer, boolean tooLong, boolean inOrder) {
        outstanding++;
        boolean tooMany = outstanding > limits.outstanding() || answer.announced != NONE && server.tooManyAnnouncing();
        if (tooLong || tooMany) {
            server.count().refusedCommands.increment();
            answer.reply(server.refusal(text, tooLong ? Errno.EINVAL : Errno.EAGAIN));
        } else {
            server.execute(this, text, answer, inOrder);
        }
    }

    private void map(long ticket, long length) {
        int memory = server.core().memoryDescriptor(ticket, length);
        ByteBuffer answer = memory < 0
                ? SocketProtocol.mapReply(memory, 0)
                : SocketProtocol.mapReply(0, server.core().memoryOffset(ticket));
        int unused = socket.send(answer, 0, answer.capacity(), memory < 0 ? NONE : memory);
    }

    /** Ends it; what its commands are still doing goes on, and their replies are dropped. */
    void close() {
        if (!closed) {
            closed = true;
            unread.clear();
            announcing.forEach(Answer::release); // a command that never ends would keep them
            announcing.clear();
            server.forget(socket.fd(), key, this);
            socket.close();
        }
    }
}
