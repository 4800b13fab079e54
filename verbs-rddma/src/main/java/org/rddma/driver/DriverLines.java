package org.rddma.driver;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** Commands and replies as lines on a file that does not wait. Several threads may send, one at a time receives. */
final class DriverLines {
    private static final int LONGEST = DriverFile.LONGEST_REPLY;
    private static final int EPIPE = 32;

    private final DriverFile file;
    private final ReentrantLock sending = new ReentrantLock();
    private final ByteBuffer out = ByteBuffer.allocateDirect(LONGEST);
    private final ByteBuffer in = ByteBuffer.allocateDirect(LONGEST);

    DriverLines(DriverFile file) {
        this.file = file;
        file.nonBlocking(true);
    }

    /**
     * Sends a command.
     *
     * @return false when the driver takes none until replies have been read
     */
    boolean send(String command) {
        byte[] text = command.getBytes(StandardCharsets.ISO_8859_1);
        if (text.length >= LONGEST) {
            throw new VerbsException("invoke", Errno.EINVAL, "a command of " + text.length + " bytes is too long");
        }
        sending.lock();
        try {
            out.put(0, text).put(text.length, (byte) '\n');
            int written = write(text.length + 1);
            if (written < 0 && written != -Errno.EAGAIN && written != -Errno.EINTR) {
                throw gone("invoke", -written);
            }
            return written >= 0;
        } finally {
            sending.unlock();
        }
    }

    private int write(int length) {
        try {
            return file.write(out, 0, length);
        } catch (VerbsException e) {
            if (e.errno() == EPIPE) {
                return -EPIPE;
            }
            throw e;
        }
    }

    /**
     * Takes one reply.
     *
     * @return null when there is none
     * @throws VerbsException EIO when there will never be one
     */
    String receive() {
        int length = file.read(in, 0, LONGEST);
        if (length == -Errno.EAGAIN || length == -Errno.EINTR) {
            return null;
        }
        if (length <= 0) {
            throw gone("result", -length);
        }
        int end = length;
        while (end > 0 && (in.get(end - 1) == '\n' || in.get(end - 1) == 0)) {
            end--;
        }
        byte[] text = new byte[end];
        in.get(0, text);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    private static VerbsException gone(String verb, int errno) {
        String why = errno == 0 ? "" : " (errno " + errno + ")";
        return new VerbsException(verb, Errno.EIO, "the driver is gone" + why + ": close this and open it again");
    }
}
