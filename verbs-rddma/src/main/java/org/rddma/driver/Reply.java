package org.rddma.driver;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * One reply of the driver. Immutable; what it prints is exactly what was read.
 *
 * <p>Takes what all drivers of the family print: with and without {@code operation://} at the start, other options
 * before and behind the result, the repeated text of an unknown command, and {@code <NULL>}, {@code (null)} or nothing
 * where there was no tag.
 */
public final class Reply {
    private static final String EVENT_ID = "event_id";

    private final String line;
    private final String operation;
    private final String text;
    private final int result;
    private final String tag;
    private final Options before;
    private final Options after;

    private Reply(String line, ReplyCursor read) {
        this.line = line;
        int question = Math.max(read.segment() - 1, 0);
        int separator = line.indexOf("://");
        boolean named = separator >= 0 && separator < question;
        operation = named ? line.substring(0, separator) : "";
        text = line.substring(named ? separator + 3 : 0, question);
        result = read.result();
        String reply = read.tagFrom() < 0 ? null : line.substring(read.tagFrom(), read.tagTo());
        tag = isNull(reply) ? null : reply;
        before = Options.kept(line.substring(read.segment(), read.resultAt()));
        after = Options.kept(line.substring(read.resultAt())).without("result").without("reply");
    }

    /**
     * Reads a reply.
     *
     * @param line with or without its line feed; the bytes of the file as ISO 8859-1
     * @return its parts
     * @throws RddmaSyntaxException when it is no reply
     */
    public static Reply parse(String line) {
        Objects.requireNonNull(line, "line");
        for (int at = 0; at < line.length(); at++) {
            if (line.charAt(at) > 0xff) {
                throw new RddmaSyntaxException("a reply holds bytes: read the file as ISO 8859-1", at);
            }
        }
        ReplyCursor cursor = new ReplyCursor();
        byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
        if (!cursor.parse(ByteBuffer.wrap(bytes), bytes.length)) {
            throw new RddmaSyntaxException(cursor.fault(), cursor.faultAt());
        }
        return new Reply(line.endsWith("\n") ? line.substring(0, line.length() - 1) : line, cursor);
    }

    /**
     * Makes a reply as the driver does.
     *
     * @param operation before the {@code ://}
     * @param text what it is about, usually {@link Subject#spec()}
     * @param result 0 for success
     * @param tag of the request; null when it had none
     * @return the reply
     * @throws RddmaSyntaxException when it would be read as something else
     */
    public static Reply of(String operation, String text, int result, String tag) {
        Reply reply = parse(operation + "://" + text + "?" + ending(result, tag));
        boolean same = reply.operation.equals(operation)
                && reply.text.equals(text)
                && reply.result == result
                && Objects.equals(reply.tag, tag);
        if (!same) {
            throw new RddmaSyntaxException("a part of this would be read as something else: " + reply, 0);
        }
        return reply;
    }

    /** How every reply ends. */
    static String ending(int result, String tag) {
        return "result(" + result + "),reply(" + (tag == null ? "<NULL>" : tag) + ")";
    }

    /**
     * The same with one more option at its end.
     *
     * @param name of the option
     * @param value of the option
     * @return a new reply
     */
    public Reply with(String name, String value) {
        return parse(line + "," + new Option(name, value));
    }

    /**
     * The same with where mmap(2) finds the buffer.
     *
     * @param mmapOffset in bytes
     * @return a new reply
     */
    public Reply withMmapOffset(long mmapOffset) {
        return with("mmap_offset", Long.toHexString(mmapOffset));
    }

    /**
     * What it answers. Not always the text of the request: {@code smb_unmmap} is answered by {@code smb_unmap}.
     *
     * @return the part before the {@code ://}; empty when the driver is one that does not print it
     */
    public String operation() {
        return operation;
    }

    /**
     * What it is about.
     *
     * @return the part between {@code ://} and the last '?', as it stands there
     */
    public String text() {
        return text;
    }

    /**
     * What it is about, in parts. A location that the driver prints as {@code <NULL>} is none.
     *
     * @return empty when an unknown command is repeated, or the text cannot be read
     */
    public Optional<Subject> subject() {
        if (unknownCommand()) {
            return Optional.empty();
        }
        Operation known = Operation.named(operation.equals("smb_unmap") ? "smb_unmmap" : operation);
        if (known == null && !operation.isEmpty()) {
            return Optional.empty();
        }
        int slash = text.indexOf('/');
        boolean divided = slash >= 0 && text.indexOf('=', slash) >= 0;
        boolean mayBeEither = known == null || known == Operation.BIND_FIND;
        boolean triple = mayBeEither ? divided : known.triple();
        Operation shape = triple ? Operation.BIND_CREATE : Operation.BIND_FIND;
        return Optional.ofNullable(
                withoutNull(DriverGrammar.read(shape + "://" + text).subject()));
    }

    private static Subject withoutNull(Subject subject) {
        if (subject instanceof Triple triple) {
            return new Triple(
                    withoutNull(triple.transfer()), withoutNull(triple.destination()), withoutNull(triple.source()));
        }
        return subject == null ? null : withoutNull(subject.last());
    }

    private static Descriptor withoutNull(Descriptor read) {
        return isNull(read.location())
                ? new Descriptor(read.name(), null, read.offset(), read.extent(), read.options())
                : read;
    }

    /**
     * The result code.
     *
     * @return 0 for success; see the driver for the others
     */
    public int result() {
        return result;
    }

    /**
     * Whether the driver did it.
     *
     * @return true for result 0
     */
    public boolean succeeded() {
        return result == 0;
    }

    /**
     * Whether the driver did not know the command.
     *
     * @return true for result 10101
     */
    public boolean unknownCommand() {
        return result == DriverGrammar.UNKNOWN_COMMAND;
    }

    /**
     * The tag of the request.
     *
     * @return null when it had none
     */
    public String tag() {
        return tag;
    }

    /**
     * Where mmap(2) finds the buffer.
     *
     * @return empty when the reply does not say
     */
    public OptionalLong mmapOffset() {
        String value = after.value("mmap_offset");
        boolean number = value != null
                && !value.isEmpty()
                && value.length() <= 18
                && HexDigits.end(value, 0, value.length()) == value.length();
        return number ? OptionalLong.of(HexDigits.value(value, 0, value.length())) : OptionalLong.empty();
    }

    /**
     * The doorbell that one node tells another.
     *
     * @return the number of {@code event_id}, wherever it stands; empty when the reply does not say
     */
    public OptionalInt eventId() {
        String value = before.value(EVENT_ID);
        if (value == null) {
            value = after.value(EVENT_ID);
        }
        if (value == null && subject().orElse(null) instanceof Triple triple) {
            value = triple.destination().options().value(EVENT_ID);
        }
        boolean number = value != null && value.matches("[0-9]{1,9}");
        return number ? OptionalInt.of(Integer.parseInt(value)) : OptionalInt.empty();
    }

    /**
     * The options between the last '?' and the result.
     *
     * @return usually none
     */
    public Options before() {
        return before;
    }

    /**
     * The options behind the result, without the tag.
     *
     * @return usually none
     */
    public Options after() {
        return after;
    }

    private static boolean isNull(String reply) {
        return reply == null || reply.isEmpty() || reply.equals("<NULL>") || reply.equals("(null)");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Reply reply && line.equals(reply.line);
    }

    @Override
    public int hashCode() {
        return line.hashCode();
    }

    /** The line without its line feed. */
    @Override
    public String toString() {
        return line;
    }
}
