package org.rddma.perftest;

/** Something that the machine cannot do faster, measured in short rounds. */
interface Limit {
    /** In every round, also on a machine so busy that two threads share a processor. */
    int LEAST_SAMPLES = 5;

    String title();

    /**
     * Measures for so long.
     *
     * @return times, valid until the next round; by {@link #divisor()} they become those of the title
     */
    Samples run(long nanos);

    /** How many of what the title names are in one sample. */
    double divisor();

    /** Median of one round, in nanoseconds. */
    default double round(long nanos) {
        return run(nanos).median().orElseThrow(() -> new RunFailedException(title() + ": no samples")) / divisor();
    }
}
