package org.rddma.driver;

/** Hexadecimal numbers as the driver reads and writes them: an optional 0x, either case; written in lower case. */
final class HexDigits {
    private HexDigits() {}

    /**
     * The worth of a digit.
     *
     * @param digit of either case
     * @return -1 when it is none
     */
    static int digit(int digit) {
        if (digit >= '0' && digit <= '9') {
            return digit - '0';
        }
        if (digit >= 'a' && digit <= 'f') {
            return digit - 'a' + 10;
        }
        return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
    }

    /**
     * Where the digits start.
     *
     * @return behind a 0x, if there is one
     */
    static int start(String text, int from, int to) {
        boolean prefixed = to - from >= 2
                && text.charAt(from) == '0'
                && (text.charAt(from + 1) == 'x' || text.charAt(from + 1) == 'X');
        return prefixed ? from + 2 : from;
    }

    /**
     * Where the digits end.
     *
     * @return position of the first character that is no digit; {@code to} when all are
     */
    static int end(String text, int from, int to) {
        int at = start(text, from, to);
        while (at < to && digit(text.charAt(at)) >= 0) {
            at++;
        }
        return at;
    }

    /**
     * The number: of more than 64 bits the low ones, of no digits 0.
     *
     * @return unsigned
     */
    static long value(String text, int from, int to) {
        long value = 0;
        int end = end(text, from, to);
        for (int at = start(text, from, to); at < end; at++) {
            value = value << 4 | digit(text.charAt(at));
        }
        return value;
    }

    /**
     * How many digits count.
     *
     * @return without the leading zeros
     */
    static int significant(String text, int from, int to) {
        int at = start(text, from, to);
        int end = end(text, from, to);
        while (at < end && text.charAt(at) == '0') {
            at++;
        }
        return end - at;
    }
}
