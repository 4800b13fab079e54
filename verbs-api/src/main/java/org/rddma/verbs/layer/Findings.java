package org.rddma.verbs.layer;

import java.util.List;
import java.util.function.Consumer;
import org.rddma.verbs.layer.ValidationFinding.Kind;

/** Where findings go: to a listener, or out of the verb as an exception. */
final class Findings {
    private final Consumer<ValidationFinding> listener;

    /**
     * A place for findings.
     *
     * @param listener null where they are thrown
     */
    Findings(Consumer<ValidationFinding> listener) {
        this.listener = listener;
    }

    void report(Kind kind, String verb, int errno, String sentence) {
        report(new ValidationFinding(kind, verb, errno, sentence));
    }

    void report(ValidationFinding finding) {
        if (listener == null) {
            throw finding.toException();
        }
        listener.accept(finding);
    }

    /**
     * Reports findings while something else is being thrown, which remains what is thrown.
     *
     * @param found what to report
     * @param thrown is told of what cannot be thrown because of it
     */
    void report(List<ValidationFinding> found, Throwable thrown) {
        try {
            found.forEach(this::report);
        } catch (RuntimeException | Error second) {
            if (second != thrown) {
                thrown.addSuppressed(second);
            }
        }
    }
}
