package org.rddma.verbs.layer;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.rddma.verbs.Context;
import org.rddma.verbs.Device;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * The layers that are asked for from outside of the program: by the system property {@value #PROPERTY}, or else by the
 * environment's {@code VERBS_LAYERS}, as names with commas between them, the outermost first: {@code trace}, {@code
 * validate}, {@code validate,trace}. {@code trace} is {@link Tracing} to standard error, or appended to the file that
 * {@value #TRACE_FILE} or {@code VERBS_TRACE_FILE} names; {@code validate} is {@link Validation} that throws.
 *
 * <p>The devices that {@code Verbs} lists have them around their contexts then. Without a name nothing is wrapped.
 * Devices that a program gets elsewhere, such as those that are linked directly, never are, unless it applies this. Safe
 * for use by several threads.
 */
public final class Layers {
    /** The system property that names the layers. */
    public static final String PROPERTY = "verbs.layers";

    /** The system property that names the file of {@code trace}. */
    public static final String TRACE_FILE = "verbs.trace.file";

    /** By what was asked for, so that a device has the same wrapper every time; innermost first. */
    private static final Map<List<String>, List<Layer>> ORIGINS = new HashMap<>();

    private Layers() {}

    /**
     * Puts the layers that are asked for around a device: the contexts that it opens have them.
     *
     * @param device any
     * @return the same wrapper every time for the same device; the device itself when no layer is asked for
     * @throws VerbsException EINVAL when the device is null, when there is no such layer or it is named twice, or when
     *     the file for the trace cannot be written
     */
    public static Device apply(Device device) {
        return wrap(Device.class, device);
    }

    /**
     * Puts the layers that are asked for around a context.
     *
     * @param context any
     * @return the context itself when no layer is asked for
     * @throws VerbsException as {@link #apply(Device)}
     */
    public static Context apply(Context context) {
        return wrap(Context.class, context);
    }

    /**
     * The provider's own object behind all layers. An extension of a provider that is given the program's objects calls
     * this first: unlike the verbs, it is not behind the layers itself.
     *
     * @param object any, or null
     * @return the object itself when it is behind no layer; null for null
     */
    public static Object below(Object object) {
        Object below = object;
        for (Wrapper wrapper = Wrapper.of(below); wrapper != null; wrapper = Wrapper.of(below)) {
            below = wrapper.target;
        }
        return below;
    }

    private static <T> T wrap(Class<T> type, T object) {
        if (object == null) {
            throw new VerbsException("Layers.apply", Errno.EINVAL, "there is nothing to put layers around: it is null");
        }
        T wrapped = object;
        for (Layer origin : origins()) {
            Layer layer = type == Context.class ? origin.another() : origin;
            wrapped = layer.wrap(type, wrapped);
        }
        return wrapped;
    }

    private static List<Layer> origins() {
        String names = setting(PROPERTY, "VERBS_LAYERS");
        if (names.isEmpty()) {
            return List.of();
        }
        String file = setting(TRACE_FILE, "VERBS_TRACE_FILE");
        synchronized (ORIGINS) {
            List<String> asked = List.of(names, file);
            List<Layer> known = ORIGINS.get(asked);
            if (known == null) {
                known = make(names, file);
                ORIGINS.put(asked, known);
            }
            return known;
        }
    }

    private static String setting(String property, String variable) {
        String value = System.getProperty(property);
        if (value == null) {
            value = System.getenv(variable);
        }
        return value == null ? "" : value.strip();
    }

    private static List<Layer> make(String names, String file) {
        List<String> seen = new ArrayList<>();
        List<Layer> layers = new ArrayList<>();
        for (String part : names.split(",", -1)) {
            String name = part.strip();
            if (seen.contains(name)) {
                throw refused("'" + name + "' is named twice in '" + names + "'");
            }
            seen.add(name);
            layers.add(
                    0,
                    switch (name) {
                        case "trace" -> Tracing.layer(sink(file));
                        case "validate" -> Validation.layer(null);
                        default ->
                            throw refused("there is no layer '" + name + "' as in '" + names
                                    + "': name trace, validate or both, with a comma in between");
                    });
        }
        return List.copyOf(layers);
    }

    private static Consumer<String> sink(String file) {
        if (file.isEmpty()) {
            return System.err::println;
        }
        try {
            return new PrintStream(
                    Files.newOutputStream(Path.of(file), StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                    true,
                    StandardCharsets.UTF_8)::println;
        } catch (IOException | InvalidPathException e) {
            throw new VerbsException(
                    "Layers.apply",
                    Errno.EINVAL,
                    "the trace cannot be written to '" + file + "': set " + TRACE_FILE + " to a file that can",
                    e);
        }
    }

    private static VerbsException refused(String sentence) {
        return new VerbsException("Layers.apply", Errno.EINVAL, sentence);
    }
}
