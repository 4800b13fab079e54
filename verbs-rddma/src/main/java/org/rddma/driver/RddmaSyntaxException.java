package org.rddma.driver;

/** A line that is no command or no reply of the driver's language, or a command that the driver would misread. */
public final class RddmaSyntaxException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Without the position. */
    private final String sentence;

    /** Where in the text. */
    private final int position;

    /** Where in the descriptor. */
    private final int driverPosition;

    /**
     * With a sentence and a place.
     *
     * @param sentence what is wrong
     * @param position of the first bad character, counted from 0
     */
    public RddmaSyntaxException(String sentence, int position) {
        this(sentence, position, -1);
    }

    RddmaSyntaxException(String sentence, int position, int driverPosition) {
        super(sentence + " (at position " + position + ")");
        this.sentence = sentence;
        this.position = position;
        this.driverPosition = driverPosition;
    }

    /**
     * What is wrong, without the position.
     *
     * @return a sentence
     */
    String sentence() {
        return sentence;
    }

    /**
     * Where it went wrong.
     *
     * @return position of the first bad character, counted from 0 at the start of the text that was given; at most
     *     the text's length
     */
    public int position() {
        return position;
    }

    /**
     * Where the driver would say that it went wrong: its positive result code.
     *
     * @return position of the bad character, counted from 0 at the start of the descriptor's name; -1 where the driver
     *     would say something else, or nothing
     */
    public int driverPosition() {
        return driverPosition;
    }
}
