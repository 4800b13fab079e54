package org.rddma.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Reads a command strictly: from left to right, and takes nothing that {@link DriverGrammar} would take for something
 * else. Where both accept they agree, which is tested.
 *
 * <p>A term is read in the order in which it must be written: name, location, place, options. Every mark of the
 * grammar that stands elsewhere is refused where it stands.
 */
final class CommandParser {
    private static final int LONGEST_OFFSET = 16;
    private static final int LONGEST_EXTENT = 8;

    /** Whoever searches a whole line for these, as drivers and libraries do, must not find them in a name. */
    private static final List<String> WORDS = List.of(
            "request",
            "reply",
            "result",
            "default_ops",
            "dma_name",
            "netdev",
            "mmap_offset",
            "event_name",
            "event_id",
            "map_address",
            "map_extent",
            "mytid",
            "<NULL>",
            "(null)");

    private final String text;
    private final List<Term> terms = new ArrayList<>();

    /**
     * One descriptor of the line.
     *
     * @param descriptor what it says
     * @param start where it starts
     */
    record Term(Descriptor descriptor, int start) {}

    private CommandParser(String text) {
        this.text = text;
    }

    /**
     * Reads a command.
     *
     * @return its subject
     * @throws RddmaSyntaxException for everything that is no command, or would be misread
     */
    static Subject parse(Operation operation, int from, String text) {
        CommandParser parser = new CommandParser(text);
        parser.onlyPrintable();
        Subject subject = operation.triple() ? parser.triple(from) : parser.descriptor(from, text.length());
        CommandRules.check(operation, parser.terms, text);
        return subject;
    }

    /** Reads the operation, which must be one that a driver knows. */
    static Operation operation(String text) {
        int separator = text.indexOf("://");
        if (separator < 0) {
            throw new RddmaSyntaxException("a command starts with its operation and ://", text.length());
        }
        Operation operation = Operation.named(text.substring(0, separator));
        if (operation == null) {
            throw new RddmaSyntaxException("no driver knows the operation that stands before ://", 0);
        }
        return operation;
    }

    private void onlyPrintable() {
        for (int at = 0; at < text.length(); at++) {
            char letter = text.charAt(at);
            if (letter == '\n') {
                throw new RddmaSyntaxException("a line feed would end the command: write one command a line", at);
            }
            if (letter < ' ' || letter > '~') {
                throw new RddmaSyntaxException("only printable ASCII survives the way through the driver", at);
            }
        }
    }

    private Triple triple(int from) {
        int slash = text.indexOf('/', from);
        if (slash < 0) {
            throw new RddmaSyntaxException("transfer/destination=source: the '/' is missing", text.length());
        }
        int equals = text.indexOf('=', slash);
        if (equals < 0) {
            throw new RddmaSyntaxException("transfer/destination=source: the '=' is missing", text.length());
        }
        for (int at = from; at < text.length(); at++) {
            boolean mark = text.charAt(at) == '/' && at != slash || text.charAt(at) == '=' && at != equals;
            if (mark) {
                throw new RddmaSyntaxException("inside a term of a triple '/' and '=' divide it elsewhere", at);
            }
        }
        Descriptor transfer = descriptor(from, slash);
        Descriptor destination = descriptor(slash + 1, equals);
        Descriptor source = descriptor(equals + 1, text.length());
        return new Triple(transfer, destination, source);
    }

    private Descriptor descriptor(int start, int end) {
        int question = before('?', start, end);
        int dot = before('.', start, question);
        int nameEnd = Math.min(dot, place(start, question));
        if (nameEnd < dot && dot < question) {
            throw new RddmaSyntaxException("offset and extent stand behind the whole location", nameEnd);
        }
        int placeStart = place(start, question);
        name(start, nameEnd);
        String location = null;
        if (dot < question) {
            location = text.substring(dot + 1, placeStart);
            int leaf = dot + 1;
            while (leaf <= placeStart) {
                int next = before('.', leaf, placeStart);
                name(leaf, next);
                leaf = next + 1;
            }
        }
        OptionalLong[] place = numbers(start, placeStart, question);
        Options options = question < end ? new OptionsParser(text, question + 1, end).options() : Options.NONE;
        Descriptor read = new Descriptor(text.substring(start, nameEnd), location, place[0], place[1], options);
        terms.add(new Term(read, start));
        return read;
    }

    private void name(int from, int to) {
        if (from == to) {
            throw new RddmaSyntaxException("a name is missing", from);
        }
        String name = text.substring(from, to);
        int comma = name.indexOf(',');
        if (comma >= 0) {
            throw new RddmaSyntaxException("a comma stands only between options", from + comma);
        }
        for (String word : WORDS) {
            int hit = name.indexOf(word);
            if (hit >= 0) {
                throw new RddmaSyntaxException(
                        "a name that contains " + word + " is taken for an option: use another", from + hit);
            }
        }
    }

    /** Offset and extent, in either order. */
    private OptionalLong[] numbers(int start, int from, int end) {
        OptionalLong[] place = {OptionalLong.empty(), OptionalLong.empty()};
        int at = from;
        while (at < end) {
            boolean isOffset = text.charAt(at) == '#';
            int next = place(at + 1, end);
            if (place[isOffset ? 0 : 1].isPresent()) {
                throw new RddmaSyntaxException("one '#' and one ':' are allowed", at, at - start);
            }
            int digitsEnd = HexDigits.end(text, at + 1, next);
            if (digitsEnd < next) {
                throw new RddmaSyntaxException("numbers are hexadecimal digits only", digitsEnd, digitsEnd - start);
            }
            if (HexDigits.significant(text, at + 1, next) > (isOffset ? LONGEST_OFFSET : LONGEST_EXTENT)) {
                throw new RddmaSyntaxException(
                        isOffset ? "an offset has 64 bits" : "an extent has 32 bits: the driver drops the others",
                        at + 1);
            }
            place[isOffset ? 0 : 1] = OptionalLong.of(HexDigits.value(text, at + 1, next));
            at = next;
        }
        return place;
    }

    private int place(int from, int end) {
        return Math.min(before('#', from, end), before(':', from, end));
    }

    private int before(char what, int from, int end) {
        int at = text.indexOf(what, from);
        return at < 0 || at > end ? end : at;
    }
}
