package org.rddma.driver;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * An asynchronous command that is done.
 *
 * @param cookie as it was submitted
 * @param result how many bytes the driver took; or a negative errno: -EIO when the driver went away before, -EOVERFLOW
 *     when the buffer holds only the beginning of the reply. A failure of the command itself is in the reply
 * @param buffer the caller's, which holds the reply from its position on, with a NUL behind it; the caller's again
 * @param length of the reply, without the NUL
 */
public record AioCompletion(long cookie, long result, ByteBuffer buffer, int length) {
    /** Checks that there is a buffer. */
    public AioCompletion {
        Objects.requireNonNull(buffer, "buffer");
    }

    /**
     * The reply, read from the buffer.
     *
     * @return its parts
     * @throws RddmaSyntaxException when there is none, as with a negative result, or the buffer was used again
     */
    public Reply reply() {
        byte[] text = new byte[length];
        buffer.get(buffer.position(), text);
        return Reply.parse(new String(text, StandardCharsets.ISO_8859_1));
    }
}
