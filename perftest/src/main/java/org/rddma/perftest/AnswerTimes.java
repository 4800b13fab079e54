package org.rddma.perftest;

/** The round trips that a server sees: from posting an answer to the next message. For the thread of that end. */
final class AnswerTimes {
    private static final long NONE = Long.MIN_VALUE;

    /** Null where only the client takes samples. */
    private final Samples samples;

    private long answeredAt = NONE;

    AnswerTimes(Samples samples) {
        this.samples = samples;
    }

    /** The time before the next message is no sample. */
    void begin() {
        answeredAt = NONE;
    }

    void message() {
        if (answeredAt != NONE) {
            samples.record(System.nanoTime() - answeredAt);
        }
    }

    /** Just before an answer is posted. */
    void answer() {
        if (samples != null) {
            answeredAt = System.nanoTime();
        }
    }
}
