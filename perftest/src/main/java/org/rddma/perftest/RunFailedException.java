package org.rddma.perftest;

/** The run failed: exit status 1. The message is a sentence for the user. */
final class RunFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RunFailedException(String sentence) {
        super(sentence);
    }
}
