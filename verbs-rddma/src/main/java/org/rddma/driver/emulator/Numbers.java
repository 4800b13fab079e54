package org.rddma.driver.emulator;

/** Numbers in the values of options. */
final class Numbers {
    private Numbers() {}

    /**
     * An unsigned hexadecimal number, with or without 0x.
     *
     * @return -1 when it is none, or does not fit 63 bits
     */
    static long hexadecimal(String text) {
        boolean prefixed = text.startsWith("0x") || text.startsWith("0X");
        return number(prefixed ? text.substring(2) : text, 16);
    }

    /**
     * An unsigned decimal number.
     *
     * @return -1 when it is none, or does not fit 63 bits
     */
    static long decimal(String text) {
        return number(text, 10);
    }

    private static long number(String digits, int radix) {
        if (digits.isEmpty() || digits.charAt(0) == '-' || digits.charAt(0) == '+') {
            return -1;
        }
        try {
            return Long.parseLong(digits, radix);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
