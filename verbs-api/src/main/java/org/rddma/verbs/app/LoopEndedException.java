package org.rddma.verbs.app;

/** Brings what ends an event loop out of its callbacks, past all that would handle a failure. */
final class LoopEndedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LoopEndedException(Throwable cause) {
        super(null, cause, false, false);
    }

    /** Throws the cause. */
    RuntimeException rethrow() {
        Throwable cause = getCause();
        if (cause instanceof Error e) {
            throw e;
        }
        if (cause instanceof RuntimeException e) {
            throw e;
        }
        throw new IllegalStateException("a callback threw a checked exception", cause);
    }
}
