package org.rddma.driver;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.rddma.verbs.Errno;
import org.rddma.verbs.internal.channel.DescriptorWait;
import org.rddma.verbs.internal.os.EventFd;

/**
 * A driver that answers every command with success, in random order among those that wait: what the tests of the
 * connections need of one, and what no real one does on demand: hold everything back, refuse, say nonsense, go away.
 */
final class ShufflingDriver extends DriverFile {
    private final EventFd fd = EventFd.semaphore("test");
    private final DescriptorWait wait = new DescriptorWait("the test's driver", fd::close);
    private final Object lock = new Object();
    private final Random random;
    private final List<String> commands = new ArrayList<>();
    private final ArrayDeque<String> replies = new ArrayDeque<>();
    private final Thread server = new Thread(this::serve, "test driver");
    private boolean holding;
    private boolean gone;
    private boolean ended;
    private int most = Integer.MAX_VALUE;
    private long overtaken;
    private long written;
    private long answered;

    ShufflingDriver(long seed) {
        random = new Random(seed);
        server.setDaemon(true);
        server.start();
    }

    private void serve() {
        synchronized (lock) {
            while (!ended) {
                if (holding || commands.isEmpty()) {
                    try {
                        lock.wait();
                    } catch (InterruptedException e) {
                        return;
                    }
                } else {
                    int chosen = random.nextInt(commands.size());
                    overtaken += chosen > 0 ? 1 : 0;
                    answer(commands.remove(chosen));
                    answered++;
                }
            }
        }
    }

    private void answer(String command) {
        Command parsed = Command.parse(command);
        say(parsed.operation() + "://" + parsed.subject().spec() + "?result(0),reply("
                + (parsed.tag() == null ? "<NULL>" : parsed.tag()) + ")\n");
    }

    /** Puts a line into the replies, whatever it is. */
    void say(String line) {
        synchronized (lock) {
            replies.add(line);
            fd.signal();
        }
    }

    /** Answers nothing until {@link #release}. */
    ShufflingDriver hold() {
        synchronized (lock) {
            holding = true;
            return this;
        }
    }

    void release() {
        synchronized (lock) {
            holding = false;
            lock.notifyAll();
        }
    }

    /** Takes no more commands while so many wait or are answered and not read. */
    void takeAtMost(int newMost) {
        synchronized (lock) {
            most = newMost;
        }
    }

    /** The driver goes away: reads find the end. */
    void goAway() {
        synchronized (lock) {
            gone = true;
            fd.signal();
        }
    }

    long overtaken() {
        synchronized (lock) {
            return overtaken;
        }
    }

    /** How many replies to commands can be read or have been. */
    long answered() {
        synchronized (lock) {
            return answered;
        }
    }

    /** How many commands have been taken. */
    long written() {
        synchronized (lock) {
            return written;
        }
    }

    @Override
    public int fd() {
        return fd.fd();
    }

    @Override
    public boolean nonBlocking() {
        return true;
    }

    @Override
    public void nonBlocking(boolean nonBlocking) {}

    @Override
    public int write(ByteBuffer text, int offset, int length) {
        byte[] bytes = new byte[length];
        text.get(offset, bytes);
        wait.requireOpen("write");
        synchronized (lock) {
            if (gone) {
                return -32;
            }
            if (commands.size() + replies.size() >= most) {
                return -Errno.EAGAIN;
            }
            commands.add(new String(bytes, StandardCharsets.ISO_8859_1).strip());
            written++;
            lock.notifyAll();
            return length;
        }
    }

    @Override
    public int read(ByteBuffer into, int offset, int length) {
        wait.requireOpen("read");
        synchronized (lock) {
            if (replies.isEmpty()) {
                return gone ? 0 : -Errno.EAGAIN;
            }
            byte[] line = replies.poll().getBytes(StandardCharsets.ISO_8859_1);
            into.put(offset, line);
            boolean unused = fd.take();
            return line.length;
        }
    }

    @Override
    public boolean await(long nanos) {
        wait.enter("await");
        try {
            return wait.await(fd.fd(), false, -1, nanos, "await");
        } finally {
            wait.leave();
        }
    }

    @Override
    public ByteBuffer map(long mmapOffset, long length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        synchronized (lock) {
            ended = true;
            lock.notifyAll();
        }
        wait.close();
    }
}
