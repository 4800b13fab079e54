package org.rddma.driver;

import java.nio.ByteBuffer;

/**
 * Reads replies where they lie, without allocating: for loops that take many. For one thread at a time.
 *
 * <p>What counts stands behind the last '?' (a line that has none counts whole): {@code result(n)} at its start or
 * behind a comma, the last one if a repeated command brought its own, and behind it options with values, among them
 * {@code reply(tag)}. {@link Reply} reads with this too, so both take the same lines.
 */
public final class ReplyCursor {
    private static final byte[] RESULT = {'r', 'e', 's', 'u', 'l', 't', '('};
    private static final byte[] REPLY = {'r', 'e', 'p', 'l', 'y', '('};
    private static final byte[] MMAP_OFFSET = {'m', 'm', 'a', 'p', '_', 'o', 'f', 'f', 's', 'e', 't', '('};
    private static final byte[] NULL = {'(', 'n', 'u', 'l', 'l', ')', ')'};
    private static final int LONGEST_TAG = 8;

    private ByteBuffer line;
    private int end;

    /** Behind the last '?'. */
    private int segment;

    private int resultAt;
    private int result;
    private int tagFrom;
    private int tagTo;
    private long tag;
    private long mmapOffset;
    private String fault;
    private int faultAt;

    /** Without a line yet. */
    public ReplyCursor() {
        clear();
    }

    /**
     * Reads the line at the start of a buffer.
     *
     * @param bytes whose first byte is the line's; its position and limit do not matter as long as the line is within
     *     the limit
     * @param length in bytes, with or without the line feed
     * @return false when it is no reply: then there is neither tag nor result
     * @throws IndexOutOfBoundsException when the buffer is shorter than the length
     */
    public boolean parse(ByteBuffer bytes, int length) {
        return parse(bytes, 0, length);
    }

    /**
     * Reads a line.
     *
     * @param bytes that hold it; its position does not matter as long as the line is within the limit
     * @param from index of the line's first byte
     * @param length in bytes, with or without the line feed
     * @return false when it is no reply: then there is neither tag nor result
     * @throws IndexOutOfBoundsException when the buffer is shorter than that
     */
    public boolean parse(ByteBuffer bytes, int from, int length) {
        clear();
        line = bytes;
        end = from + length;
        if (length > 0 && line.get(end - 1) == '\n') {
            end--;
        }
        boolean read = onlyOneLine(from) && findResult() && readOptions(readResult());
        if (!read) {
            tag = -1;
            result = 0;
            mmapOffset = -1;
        }
        line = null;
        return read;
    }

    /**
     * The tag of the request that this answers.
     *
     * @return the number; -1 when there is none, or one that is not ours: lower-case hexadecimal of at most 8 digits
     *     without leading zeros
     */
    public long tag() {
        return tag;
    }

    /**
     * The driver's result code.
     *
     * @return 0 for success
     */
    public int result() {
        return result;
    }

    /**
     * Where mmap(2) finds a buffer.
     *
     * @return -1 when the reply does not say, or says no number
     */
    public long mmapOffset() {
        return mmapOffset;
    }

    /** Why it is no reply. */
    String fault() {
        return fault;
    }

    /** Where it ceased to be a reply, as an index into the buffer. */
    int faultAt() {
        return faultAt;
    }

    /** Index of what stands behind the last '?'. */
    int segment() {
        return segment;
    }

    /** Index of the word result. */
    int resultAt() {
        return resultAt;
    }

    /** Index of the tag; -1 when there is none. */
    int tagFrom() {
        return tagFrom;
    }

    /** Index behind the tag. */
    int tagTo() {
        return tagTo;
    }

    private void clear() {
        tag = -1;
        result = 0;
        mmapOffset = -1;
        tagFrom = -1;
        tagTo = -1;
        fault = null;
    }

    private boolean onlyOneLine(int from) {
        segment = from;
        for (int at = from; at < end; at++) {
            byte letter = line.get(at);
            if (letter == '?') {
                segment = at + 1;
            } else if (letter == '\n') {
                return fail("a reply is one line: cut it at the line feed", at);
            }
        }
        return true;
    }

    private boolean findResult() {
        for (int at = end - RESULT.length; at >= segment; at--) {
            if (isAt(RESULT, at) && (at == segment || line.get(at - 1) == ',')) {
                resultAt = at;
                return true;
            }
        }
        return fail("a reply has result(n) behind its last '?'", end);
    }

    /** Returns the index behind the parenthesis; -1 after a failure. */
    private int readResult() {
        int at = resultAt + RESULT.length;
        boolean negative = at < end && line.get(at) == '-';
        if (negative) {
            at++;
        }
        int from = at;
        long value = 0;
        while (at < end && line.get(at) >= '0' && line.get(at) <= '9' && value <= Integer.MAX_VALUE) {
            value = value * 10 + line.get(at) - '0';
            at++;
        }
        long signed = negative ? -value : value;
        if (at == from || at == end || line.get(at) != ')' || signed != (int) signed) {
            fail("result(n) holds a decimal number of 32 bits", at);
            return -1;
        }
        result = (int) signed;
        return at + 1;
    }

    private boolean readOptions(int from) {
        if (from < 0) {
            return false;
        }
        int at = from;
        while (at < end) {
            if (line.get(at) != ',') {
                return fail("options stand behind a comma", at);
            }
            int name = at + 1;
            int open = find('(', name);
            int comma = find(',', name);
            if (comma <= open) {
                return fail("the options of a reply have values", comma);
            }
            int value = open + 1;
            int close = isAt(NULL, value) ? value + NULL.length - 1 : find(')', value);
            int inside = find(',', value);
            if (close == end || inside < close) {
                return fail("an option ends with ')' before the next comma", Math.min(inside, close));
            }
            take(name, value, close);
            at = close + 1;
        }
        return true;
    }

    private void take(int name, int value, int close) {
        if (tagFrom < 0 && isAt(REPLY, name)) {
            tagFrom = value;
            tagTo = close;
            boolean leadingZero = close - value > 1 && line.get(value) == '0';
            tag = leadingZero || close - value > LONGEST_TAG ? -1 : number(value, close);
        } else if (mmapOffset < 0 && isAt(MMAP_OFFSET, name)) {
            mmapOffset = close - value > 2 * LONGEST_TAG ? -1 : number(value, close);
        }
    }

    /** Lower-case hexadecimal; -1 for anything else. */
    private long number(int from, int to) {
        long value = 0;
        for (int at = from; at < to; at++) {
            byte letter = line.get(at);
            int digit = HexDigits.digit(letter);
            if (digit < 0 || letter >= 'A' && letter <= 'F') {
                return -1;
            }
            value = value << 4 | digit;
        }
        return from == to ? -1 : value;
    }

    private int find(char what, int from) {
        int at = from;
        while (at < end && line.get(at) != what) {
            at++;
        }
        return at;
    }

    private boolean isAt(byte[] word, int at) {
        if (at + word.length > end) {
            return false;
        }
        for (int index = 0; index < word.length; index++) {
            if (line.get(at + index) != word[index]) {
                return false;
            }
        }
        return true;
    }

    private boolean fail(String sentence, int at) {
        fault = sentence;
        faultAt = Math.min(at, end);
        return false;
    }
}
