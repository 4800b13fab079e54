package org.rddma.verbs.layer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * A layer that writes one line for every verb: when it was called, by which thread, on which object, with what, what came
 * of it and how long it took.
 *
 * <pre>
 * 16:31:39.123456 [main] queue pair soft0:16 postSend(wr 2 SEND SIGNALED 5 bytes) = posted in 12.3 us
 * 16:31:39.123470 [main] completion queue 1 of soft0 poll(16 completions) = nothing (x 7) in 3.1 us
 * 16:31:39.123481 [main] completion queue 1 of soft0 poll(16 completions) = 1: wr 2 SEND in 1.9 us
 * </pre>
 *
 * <p>A line is written when the verb has returned. Looking in vain, by {@code poll}, {@code next} and {@code
 * tryGetEvent}, is counted, and written before the next line of that thread (or when a context is closed) with the time
 * that all of it took. A builder's batch is one line when it is completed or aborted. Reading attributes writes nothing.
 * Safe for use by several threads.
 */
public final class Tracing {
    private Tracing() {}

    /**
     * Traces a context and everything that is made from it by way of the context that this returns.
     *
     * @param context any, also one with layers
     * @param sink gets each line, without an end of line, in the thread that called the verb, and in several at once; what
     *     it throws is logged the first time and does not reach the caller of the verb
     * @return the context with the layer around it
     * @throws VerbsException EINVAL when an argument is null
     */
    public static Context of(Context context, Consumer<String> sink) {
        if (context == null || sink == null) {
            throw new VerbsException("Tracing", Errno.EINVAL, "the context or the sink is null");
        }
        return layer(sink).wrap(Context.class, context);
    }

    /**
     * Traces a context into something that text is appended to, such as {@code System.err}.
     *
     * @param context any, also one with layers
     * @param out gets each line with its end of line, from one thread at a time
     * @return the context with the layer around it
     * @throws VerbsException EINVAL when an argument is null
     */
    public static Context of(Context context, Appendable out) {
        if (out == null) {
            throw new VerbsException("Tracing", Errno.EINVAL, "what to append to is null");
        }
        return of(context, lines(out));
    }

    static Consumer<String> lines(Appendable out) {
        return line -> {
            synchronized (out) {
                try {
                    Appendable unused = out.append(line).append(System.lineSeparator());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    static Layer layer(Consumer<String> sink) {
        Tracer tracer = new Tracer(sink);
        return new Layer(Tracing.class, () -> tracer);
    }
}
