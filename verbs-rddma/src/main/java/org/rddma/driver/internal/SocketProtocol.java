package org.rddma.driver.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What is said on the socket of a driver in user space.
 *
 * <pre>
 *  a write        one message: the command, with or without a line feed
 *  a reply        one message: the line with its line feed
 *  announced      a write that an eventfd comes with: one is added to it when the reply can be read. So a blocking
 *                 write knows that its command is done, and asynchronous I/O that it may look
 *  framed         | 0 (1) | id (8) | command |  is answered by  | 0 (1) | id (8) | reply |: asynchronous I/O, whose
 *                 replies do not go to those who read
 *  a mapping      | 0 (1) | "map TICKET LENGTH" |, on a connection of its own, is answered by | 0 (1) | "RESULT OFFSET" |
 *                 with the descriptor of the memory; all numbers hexadecimal but the result. The connection comes from
 *                 a socket with a name of its own: so it does not count as an open file
 * </pre>
 */
public final class SocketProtocol {
    /** No command begins with it. */
    public static final byte FRAME = 0;

    /** Where the id of a framed command is. */
    public static final int ID = 1;

    /** Where the text of a framed command begins. */
    public static final int FRAMED = 9;

    /** How long a message to the driver may be: commands are much shorter. */
    public static final int LONGEST_WRITE = 16384;

    private static final String MAP = "map ";

    private SocketProtocol() {}

    /**
     * The message that asks for memory.
     *
     * @param ticket mmap_offset of a reply
     * @param length in bytes
     * @return direct
     */
    public static ByteBuffer mapRequest(long ticket, long length) {
        return framed(MAP + Long.toHexString(ticket) + " " + Long.toHexString(length));
    }

    /**
     * The numbers of a message that asks for memory.
     *
     * @param text behind the first byte
     * @return ticket and length; null when it is no such message
     */
    public static long[] parseMapRequest(String text) {
        if (!text.startsWith(MAP)) {
            return null;
        }
        String[] numbers = text.substring(MAP.length()).split(" ", -1);
        try {
            return numbers.length != 2
                    ? null
                    : new long[] {Long.parseUnsignedLong(numbers[0], 16), Long.parseUnsignedLong(numbers[1], 16)};
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /**
     * The answer to it.
     *
     * @param result 0 or a negative errno
     * @param offset where in the descriptor's memory it begins
     * @return direct
     */
    public static ByteBuffer mapReply(int result, long offset) {
        return framed(result + " " + Long.toHexString(offset));
    }

    /**
     * The numbers of the answer.
     *
     * @param message the whole message
     * @param length of it
     * @return result and offset
     * @throws NumberFormatException when it is something else
     */
    public static long[] parseMapReply(ByteBuffer message, int length) {
        byte[] bytes = new byte[Math.max(0, length - 1)];
        message.get(1, bytes);
        String[] numbers = new String(bytes, StandardCharsets.ISO_8859_1).split(" ", -1);
        if (numbers.length != 2) {
            throw new NumberFormatException("two numbers are expected");
        }
        return new long[] {Integer.parseInt(numbers[0]), Long.parseUnsignedLong(numbers[1], 16)};
    }

    private static ByteBuffer framed(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocateDirect(1 + bytes.length).put(FRAME).put(bytes).rewind();
    }
}
