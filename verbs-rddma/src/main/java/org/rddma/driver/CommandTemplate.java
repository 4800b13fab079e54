package org.rddma.driver;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * A command that is sent again and again with ever new tags: the text lies ready in a direct buffer, and only the
 * tag's digits are written anew. Without allocation; for one thread at a time.
 */
public final class CommandTemplate {
    private static final int LONGEST_TAG = 8;

    private final ByteBuffer buffer;
    private final int fixed;

    /**
     * Encodes a command.
     *
     * @param command any; its tag, if it has one, is replaced
     * @throws VerbsException EINVAL when there is no room for the longest tag
     */
    public CommandTemplate(Command command) {
        String text = command.withRequest("f".repeat(LONGEST_TAG)).toString();
        byte[] bytes = text.substring(0, text.length() - LONGEST_TAG - 1).getBytes(StandardCharsets.US_ASCII);
        fixed = bytes.length;
        buffer = ByteBuffer.allocateDirect(fixed + LONGEST_TAG + 1);
        buffer.put(bytes).rewind();
    }

    /**
     * Writes a tag behind the command, in lower-case hexadecimal without leading zeros.
     *
     * @param tag at most 32 bits
     * @return length of the whole command, from index 0 of {@link #buffer()}; there is no line feed
     * @throws VerbsException EINVAL for a tag that is negative or longer
     */
    public int encode(long tag) {
        if (tag >>> 4 * LONGEST_TAG != 0) {
            throw new VerbsException("encode", Errno.EINVAL, "a tag has at most 32 bits: " + tag);
        }
        int digits = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(tag) + 3) / 4);
        long rest = tag;
        for (int at = fixed + digits - 1; at >= fixed; at--) {
            int digit = (int) (rest & 15);
            buffer.put(at, (byte) (digit < 10 ? '0' + digit : 'a' - 10 + digit));
            rest >>>= 4;
        }
        buffer.put(fixed + digits, (byte) ')');
        return fixed + digits + 1;
    }

    /**
     * Where the command lies.
     *
     * @return direct, always the same; valid up to the next {@link #encode}
     */
    public ByteBuffer buffer() {
        return buffer;
    }
}
