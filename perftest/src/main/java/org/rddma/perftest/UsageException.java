package org.rddma.perftest;

/** The command line asks for what cannot be done: exit status 2. The message is a sentence for the user. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String sentence) {
        super(sentence);
    }
}
