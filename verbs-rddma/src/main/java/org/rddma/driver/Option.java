package org.rddma.driver;

import java.util.Objects;

/**
 * One option of a command or a reply: {@code name} or {@code name(value)}. Immutable.
 *
 * <p>Holds whatever it is given: only a {@link Command} says what the driver would misread.
 *
 * @param name what stands before the parenthesis
 * @param value what stands between the parentheses; null where there are none
 */
public record Option(String name, String value) {
    /**
     * With a name.
     *
     * @throws NullPointerException without a name
     */
    public Option {
        Objects.requireNonNull(name, "name");
    }

    /** The text as the language writes it. */
    @Override
    public String toString() {
        return value == null ? name : name + "(" + value + ")";
    }

    /**
     * The text as the driver keeps it: its look-ups search in this.
     *
     * @return {@code name} or {@code name=value}
     */
    String kept() {
        return value == null ? name : name + "=" + value;
    }

    /**
     * Reads an option as the driver does: the first '(' becomes '=', the first ')' ends it.
     *
     * @param text between two commas
     * @return whatever it was taken for
     */
    static Option kept(String text) {
        int open = text.indexOf('(');
        String kept = open < 0 ? text : text.substring(0, open) + "=" + text.substring(open + 1);
        int close = kept.indexOf(')');
        if (close >= 0) {
            kept = kept.substring(0, close);
        }
        int equals = kept.indexOf('=');
        return equals < 0 ? new Option(kept, null) : new Option(kept.substring(0, equals), kept.substring(equals + 1));
    }
}
