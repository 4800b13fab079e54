package org.rddma.perftest;

/** The other end, as far as an end tells it anything but messages. */
interface Partner {
    /**
     * This end has sent all of the phase, and knows it to be complete.
     *
     * @param messages how many
     */
    void done(long messages);

    /** Another end of this process. */
    static Partner here(Control control, Side own, Side other) {
        return messages -> {
            control.announce(own.end, messages);
            other.wakeup();
        };
    }
}
