package org.rddma.driver;

/** What a command is about: a {@link Descriptor}, or for a bind and its halves a {@link Triple}. Immutable. */
public sealed interface Subject permits Descriptor, Triple {
    /**
     * The term that ends the line: the request option belongs there, because the driver looks nowhere else.
     *
     * @return the descriptor itself, or the source of a triple
     */
    Descriptor last();

    /**
     * The same with another last term.
     *
     * @param last to stand at the end of the line
     * @return a new subject
     */
    Subject withLast(Descriptor last);

    /**
     * The text without any options, as the driver prints it in a reply.
     *
     * @return name, location, offset and extent of each term
     */
    String spec();
}
