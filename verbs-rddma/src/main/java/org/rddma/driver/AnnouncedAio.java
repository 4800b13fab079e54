package org.rddma.driver;

import java.nio.ByteBuffer;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.EventFd;

/**
 * The same over the socket of a driver in user space: framed commands, each announced by the eventfd, whose replies are
 * read from the socket and put into the callers' buffers.
 */
final class AnnouncedAio implements AioPort {
    /** How a framed message goes out. */
    @FunctionalInterface
    interface Writer {
        /** As {@link DriverFile#write}, with an eventfd to which one is added when the reply can be read. */
        int write(ByteBuffer message, int offset, int length, int eventFd);
    }

    /*
     * a message: | 0 (1) | id (8) | text |     the id is the place, and comes back with the reply
     */
    private static final int ID = 1;
    private static final int TEXT = 9;
    private static final int LONGEST = DriverFile.LONGEST_REPLY;
    private static final int EPIPE = 32;

    private final DriverFile file;
    private final Writer writer;
    private final EventFd event;
    private final ByteBuffer out = ByteBuffer.allocateDirect(LONGEST);
    private final ByteBuffer in = ByteBuffer.allocateDirect(LONGEST);
    private final int[] lengths;

    AnnouncedAio(DriverFile file, Writer writer, EventFd event, int places) {
        this.file = file;
        this.writer = writer;
        this.event = event;
        lengths = new int[places];
        file.nonBlocking(true);
    }

    @Override
    public int submit(int place, byte[] text, ByteBuffer reply, long cookie) {
        synchronized (out) {
            lengths[place] = text.length;
            out.put(0, (byte) 0).putLong(ID, place).put(TEXT, text);
            try {
                return Math.min(writer.write(out, 0, TEXT + text.length, event.fd()), 0);
            } catch (VerbsException e) {
                if (e.errno() == EPIPE) {
                    return -Errno.EIO;
                }
                throw e;
            }
        }
    }

    @Override
    public int take(int most, Sink sink) {
        int taken = 0;
        while (taken < most) {
            int length = file.read(in, 0, LONGEST);
            if (length == -Errno.EAGAIN || length == -Errno.EINTR) {
                break;
            }
            if (length <= 0) {
                throw new VerbsException("completions", Errno.EIO, "the driver is gone: close this and open it again");
            }
            long place = length < TEXT || in.get(0) != 0 ? -1 : in.getLong(ID);
            ByteBuffer buffer = place < 0 || place >= lengths.length ? null : sink.buffer((int) place);
            if (buffer != null) { // whatever else comes belongs to nobody
                put((int) place, buffer, length - TEXT, sink);
                taken++;
            }
        }
        return taken;
    }

    private void put(int place, ByteBuffer buffer, int length, Sink sink) {
        int room = buffer.remaining() - 1;
        int kept = Math.min(length, room);
        buffer.put(buffer.position(), in, TEXT, kept).put(buffer.position() + kept, (byte) 0);
        sink.completed(place, kept < length ? -Errno.EOVERFLOW : lengths[place], kept);
    }

    @Override
    public int hangUp() {
        return file.fd();
    }

    @Override
    public void close(boolean underWay) {
        file.close();
        event.close();
    }
}
