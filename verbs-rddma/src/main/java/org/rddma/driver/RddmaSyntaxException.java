package org.rddma.driver;

/** A line that is no command or no reply of the driver's language. */
public final class RddmaSyntaxException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Where in the text. */
    private final int position;

    /**
     * With a sentence and a place.
     *
     * @param message what is wrong
     * @param position of the first bad character, counted from 0
     */
    public RddmaSyntaxException(String message, int position) {
        super(message + " at position " + position);
        this.position = position;
    }

    /**
     * Where it went wrong.
     *
     * @return position of the first bad character, counted from 0
     */
    public int position() {
        return position;
    }
}
