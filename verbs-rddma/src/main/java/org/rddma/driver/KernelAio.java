package org.rddma.driver;

import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.rddma.verbs.Errno;
import org.rddma.verbs.internal.os.EventFd;
import org.rddma.verbs.internal.os.LinuxAio;
import org.rddma.verbs.internal.os.Os;

/**
 * Linux asynchronous I/O on the descriptor of a device: a positioned write whose "position" is the address of the
 * caller's buffer, as the driver has it.
 *
 * <p>The driver reads the command and writes the reply when it likes, also after a close: until then all memory is kept.
 */
final class KernelAio implements AioPort {
    private static final int FIRST_COMMAND_BYTES = 256;
    private static final int NOTHING = -1;

    private final DriverFile file;
    private final EventFd event;
    private final LinuxAio aio;

    /** Those that the system may still use memory of: also when the program has lost them, or closed them. */
    private static final Set<KernelAio> IN_USE = ConcurrentHashMap.newKeySet();

    /** What is submitted, by place; a place belongs to one thread at a time. */
    private final ByteBuffer[] commands;

    /** Where the replies go. */
    private final ByteBuffer[] replies;

    KernelAio(DriverFile file, EventFd event, int places) {
        this.file = file;
        this.event = event;
        aio = new LinuxAio(places, "open");
        commands = new ByteBuffer[places];
        replies = new ByteBuffer[places];
        IN_USE.add(this);
    }

    @Override
    public int submit(int place, byte[] text, ByteBuffer reply, long cookie) {
        ByteBuffer command = commands[place];
        if (command == null || command.capacity() <= text.length) {
            command = ByteBuffer.allocateDirect(Math.max(FIRST_COMMAND_BYTES, text.length + 1));
            commands[place] = command;
        }
        command.put(0, text).put(text.length, (byte) 0); // no line feed: it would become part of the last word
        reply.put(reply.position(), (byte) 0); // when the command fails in the system, nobody writes a reply
        replies[place] = reply;
        long into = Os.addressOf(reply) + reply.position();
        long from = Os.addressOf(command);
        return Math.min(0, aio.write(place, file.fd(), from, text.length + 1L, into, cookie, event.fd()));
    }

    @Override
    public int take(int most, Sink sink) {
        int taken = aio.take(most, 0);
        for (int i = 0; i < taken; i++) {
            int place = aio.place(i);
            replies[place] = null;
            sink.completed(place, aio.result(i), lengthOfText(sink.buffer(place)));
        }
        return taken == -Errno.EINTR ? 0 : taken;
    }

    private static int lengthOfText(ByteBuffer reply) {
        int length = 0;
        while (length < reply.remaining() && reply.get(reply.position() + length) != 0) {
            length++;
        }
        return length;
    }

    @Override
    public void close(boolean underWay) {
        if (!underWay) {
            end();
            return;
        }
        // the system waits for what is under way, for as long as the device takes; this thread keeps its memory
        Thread ending = new Thread(this::end, "rddma aio close");
        ending.setDaemon(true);
        ending.start();
    }

    private void end() {
        aio.close();
        file.close();
        event.close();
        IN_USE.remove(this);
    }

    @Override
    public int hangUp() {
        return NOTHING; // the system completes each command itself, also of a device that is gone
    }
}
