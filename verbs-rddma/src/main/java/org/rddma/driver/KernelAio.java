package org.rddma.driver;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
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

    private final DriverFile file;
    private final EventFd event;
    private final LinuxAio aio;

    /** What is submitted, by place; a place belongs to one thread at a time. */
    private final ByteBuffer[] commands;

    KernelAio(DriverFile file, EventFd event, int places) {
        this.file = file;
        this.event = event;
        aio = new LinuxAio(places, "open");
        commands = new ByteBuffer[places];
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
        try {
            long into = Os.addressOf(reply) + reply.position();
            long from = Os.addressOf(command);
            return Math.min(0, aio.write(place, file.fd(), from, text.length + 1L, into, cookie, event.fd()));
        } finally {
            Reference.reachabilityFence(reply);
        }
    }

    @Override
    public int take(int most, Sink sink) {
        int taken = aio.take(most, 0);
        for (int i = 0; i < taken; i++) {
            int place = aio.place(i);
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
    }
}
