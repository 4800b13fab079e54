package org.rddma.driver;

/**
 * The driver's side of the language: reads any text exactly as the driver of 2008 does, misreadings included.
 *
 * <p>The operation is what stands before the first {@code ://}. Of a triple the first '/' and then the first '=' behind
 * it divide the terms; a term that is not there has an empty name. For a descriptor see the rules at
 * {@link Options#lookup} and {@link Line#error()}. The caller has cut the line at its end. Never throws.
 */
public final class DriverGrammar {
    /** The result of a command that the driver does not know. */
    public static final int UNKNOWN_COMMAND = 10101;

    private static final int LONGEST_OPERATION = 15;
    private static final int ROOM = 4096;
    private static final int WORD = 8;
    private static final int EINVAL = 22;
    private static final int ENOMEM = 12;

    private DriverGrammar() {}

    /**
     * Reads one line.
     *
     * @param text a command without its line feed; anything
     * @return what the driver takes it for
     */
    public static Line read(String text) {
        int separator = text.indexOf("://");
        Operation operation =
                separator < 0 || separator > LONGEST_OPERATION ? null : Operation.named(text.substring(0, separator));
        if (operation == null) {
            return new Line(text, null, null, UNKNOWN_COMMAND, -1);
        }
        return operation.triple() ? triple(text, operation, separator + 3) : descriptor(text, operation, separator + 3);
    }

    /**
     * Whether the driver's copy of a descriptor has room: the text, and one pointer for each option.
     *
     * @param text the descriptor, or a whole triple
     * @return false when the driver refuses it
     */
    static boolean fits(String text) {
        long words =
                text.chars().filter(letter -> letter == '?' || letter == ',').count() + 1;
        return text.length() + 1 + words * WORD <= ROOM;
    }

    private static Line descriptor(String text, Operation operation, int from) {
        String term = text.substring(from);
        if (!fits(term)) {
            return new Line(text, operation, null, -EINVAL, -1);
        }
        DescriptorReader reader = new DescriptorReader(term);
        return reader.error >= 0
                ? bad(text, operation, from, term, reader)
                : new Line(text, operation, reader.descriptor, 0, -1);
    }

    private static Line triple(String text, Operation operation, int from) {
        String whole = text.substring(from);
        if (!fits(whole)) {
            return new Line(text, operation, null, -ENOMEM, -1);
        }
        int slash = whole.indexOf('/');
        int transferEnd = slash < 0 ? whole.length() : slash;
        int destinationFrom = Math.min(transferEnd + 1, whole.length());
        int equals = whole.indexOf('=', destinationFrom);
        int destinationEnd = equals < 0 ? whole.length() : equals;
        int sourceFrom = Math.min(destinationEnd + 1, whole.length());
        int[] starts = {0, destinationFrom, sourceFrom};
        int[] ends = {transferEnd, destinationEnd, whole.length()};
        Descriptor[] terms = new Descriptor[3];
        for (int at = 0; at < 3; at++) {
            String term = whole.substring(starts[at], ends[at]);
            DescriptorReader reader = new DescriptorReader(term);
            if (reader.error >= 0) {
                return bad(text, operation, from + starts[at], term, reader);
            }
            terms[at] = reader.descriptor;
        }
        return new Line(text, operation, new Triple(terms[0], terms[1], terms[2]), 0, -1);
    }

    private static Line bad(String text, Operation operation, int from, String term, DescriptorReader reader) {
        int dots = 0;
        while (term.charAt(dots) == '.') {
            dots++;
        }
        return new Line(text, operation, null, reader.error, from + dots + reader.error);
    }

    /** What the driver takes a line for. Immutable. */
    public static final class Line {
        private final String text;
        private final Operation operation;
        private final Subject subject;
        private final int error;
        private final int errorPosition;

        private Line(String text, Operation operation, Subject subject, int error, int errorPosition) {
            this.text = text;
            this.operation = operation;
            this.subject = subject;
            this.error = error;
            this.errorPosition = errorPosition;
        }

        /**
         * The line itself.
         *
         * @return as it was read
         */
        public String text() {
            return text;
        }

        /**
         * Which command it is.
         *
         * @return null for an unknown one
         */
        public Operation operation() {
            return operation;
        }

        /**
         * What it is about.
         *
         * @return a triple or a descriptor, as the operation demands; null when there is an {@link #error()}
         */
        public Subject subject() {
            return subject;
        }

        /**
         * The result code of a line that cannot be read.
         *
         * @return 0 when it can; 10101 for an unknown command; -22 for a descriptor and -12 for a triple that is too
         *     long; else the position of the bad character in its term, counted from the start of the name
         */
        public int error() {
            return error;
        }

        /**
         * Where in the line the bad character is.
         *
         * @return counted from 0; -1 when there is none
         */
        public int errorPosition() {
            return errorPosition;
        }

        /**
         * The request tag: of a line that cannot be read, as well as it can be found.
         *
         * @param substringQuirk see {@link Options#lookup}
         * @return null without one
         */
        public String tag(boolean substringQuirk) {
            if (subject != null) {
                return subject.last().options().lookup("request", substringQuirk);
            }
            int question = text.lastIndexOf('?');
            return question < 0
                    ? null
                    : Options.kept(text.substring(question + 1)).lookup("request", substringQuirk);
        }

        /**
         * The reply to a line that cannot be read. An unknown command is repeated whole, and its tag is taken for a
         * hexadecimal number of 32 bits; of a known one what it is about is repeated.
         *
         * @param substringQuirk see {@link Options#lookup}
         * @return without a line feed
         */
        public String errorReply(boolean substringQuirk) {
            if (operation == null) {
                return unknownReply();
            }
            int question = text.lastIndexOf('?');
            String echo = question < 0 ? text : text.substring(0, question);
            return echo + "?" + Reply.ending(error, tag(substringQuirk));
        }

        /**
         * The reply of a driver that does not know the command, whether we know it or not.
         *
         * @return without a line feed
         */
        public String unknownReply() {
            int request = text.indexOf("request(");
            long tag = request < 0 ? 0 : HexDigits.value(text, request + 8, text.length());
            return text
                    + (text.contains("request") ? ',' : '?')
                    + Reply.ending(UNKNOWN_COMMAND, Long.toHexString(tag & 0xffff_ffffL));
        }
    }
}
