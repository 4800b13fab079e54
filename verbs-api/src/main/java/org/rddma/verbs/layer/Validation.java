package org.rddma.verbs.layer;

import java.util.function.Consumer;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * A layer that reports what verbs leave undefined, and what no program can have meant: see {@link
 * ValidationFinding.Kind}. Safe for use by several threads.
 */
public final class Validation {
    private Validation() {}

    /**
     * Validates a context and everything that is made from it by way of the context that this returns. A finding is
     * thrown, as a {@link VerbsException}, by the verb in which it is seen.
     *
     * @param context any, also one with layers
     * @return the context with the layer around it
     * @throws VerbsException EINVAL when the context is null
     */
    public static Context of(Context context) {
        return around(context, null);
    }

    /**
     * Validates a context, and hands findings to a listener instead of throwing them: every verb does what it would do
     * without the layer.
     *
     * @param context any, also one with layers
     * @param listener called in the thread, and in the middle of the verb, that a finding is seen in; what it throws is
     *     thrown by the verb
     * @return the context with the layer around it
     * @throws VerbsException EINVAL when an argument is null
     */
    public static Context of(Context context, Consumer<ValidationFinding> listener) {
        if (listener == null) {
            throw new VerbsException("Validation", Errno.EINVAL, "the listener is null");
        }
        return around(context, listener);
    }

    private static Context around(Context context, Consumer<ValidationFinding> listener) {
        if (context == null) {
            throw new VerbsException("Validation", Errno.EINVAL, "the context is null");
        }
        return layer(listener).wrap(Context.class, context);
    }

    static Layer layer(Consumer<ValidationFinding> listener) {
        return new Layer(Validation.class, () -> new Validator(listener));
    }
}
