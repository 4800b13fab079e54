package org.rddma.driver;

import java.util.Objects;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * One command that the driver will read as it is meant. Immutable.
 *
 * <p>Its text is the canonical one: offset before extent, numbers in lower-case hexadecimal without a prefix.
 *
 * <p>There is one check for all: a command that is made of parts is written down and read again, strictly, and what is
 * read must be what it was made of.
 *
 * @see Commands
 */
public final class Command {
    private static final String REQUEST = "request";

    private final Operation operation;
    private final Subject subject;
    private final String text;

    private Command(Operation operation, Subject subject) {
        this.operation = operation;
        this.subject = subject;
        text = operation + "://" + subject;
    }

    /**
     * Reads a command that the driver would read in the same way.
     *
     * @param line without a line feed
     * @return its parts
     * @throws RddmaSyntaxException when it is no command, or the driver would misread it
     */
    public static Command parse(String line) {
        Objects.requireNonNull(line, "line");
        Operation operation = CommandParser.operation(line);
        int from = operation.toString().length() + "://".length();
        return new Command(operation, CommandParser.parse(operation, from, line));
    }

    /**
     * Makes a command.
     *
     * @param operation what to do
     * @param subject with what
     * @return the command
     * @throws VerbsException EINVAL when the driver would misread it
     */
    public static Command of(Operation operation, Subject subject) {
        Objects.requireNonNull(subject, "subject");
        if (operation.triple() != subject instanceof Triple) {
            throw new VerbsException(
                    operation.toString(),
                    Errno.EINVAL,
                    operation.triple()
                            ? "it is about a triple: transfer, destination and source"
                            : "it is about one descriptor, not about a triple");
        }
        Command command;
        try {
            command = parse(operation + "://" + subject);
        } catch (RddmaSyntaxException refused) {
            throw new VerbsException(operation.toString(), Errno.EINVAL, refused.sentence(), refused);
        }
        if (!command.subject.equals(subject)) {
            throw new VerbsException(
                    operation.toString(),
                    Errno.EINVAL,
                    "the driver would read a part of a name as something else, and all as " + command.subject);
        }
        return command;
    }

    /**
     * The same with a request tag, in place of any that it has: in the last term, behind '?' or ','.
     *
     * @param tag lower-case hexadecimal of at most 8 digits, without a prefix and without leading zeros: all others
     *     are changed by a driver that does not know the command
     * @return a new command
     * @throws VerbsException EINVAL for another tag
     */
    public Command withRequest(String tag) {
        Descriptor last = subject.last();
        Options options = last.options().without(REQUEST).with(REQUEST, tag);
        return of(operation, subject.withLast(last.with(options)));
    }

    /**
     * What to do.
     *
     * @return the operation
     */
    public Operation operation() {
        return operation;
    }

    /**
     * With what.
     *
     * @return a triple or a descriptor, as the operation demands
     */
    public Subject subject() {
        return subject;
    }

    /**
     * The options of the command as a whole: those of its last term.
     *
     * @return the request tag among them
     */
    public Options options() {
        return subject.last().options();
    }

    /**
     * The request tag, which the reply brings back.
     *
     * @return null without one
     */
    public String tag() {
        return options().value(REQUEST);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Command command && text.equals(command.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The exact text for the driver, without a line feed. */
    @Override
    public String toString() {
        return text;
    }
}
