package org.rddma.perftest.jmh;

import org.rddma.perftest.Elsewhere;
import org.rddma.verbs.Context;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.layer.Tracing;
import org.rddma.verbs.layer.Validation;

/** How a program that is written against the interfaces comes to its objects. */
public enum Through {
    /** By {@code Verbs.open}, in a process that uses no other provider. */
    ONE("1 provider", false),

    /** By {@code Verbs.open}, in a process that has used four providers before, elsewhere. */
    FOUR("4 providers", false),

    /** By the layer that traces, to nowhere. */
    TRACED("traced", true),

    /** By the layer that validates. */
    VALIDATED("validated", true);

    private static final int ROUNDS = 30_000;

    private final String title;
    private final boolean isLayer;

    Through(String title, boolean isLayer) {
        this.title = title;
        this.isLayer = isLayer;
    }

    String title() {
        return title;
    }

    /** Whether something stands between the program and the provider. */
    boolean isLayer() {
        return isLayer;
    }

    /** Opens the device. */
    Context open() {
        if (this == FOUR) {
            try (Elsewhere elsewhere = new Elsewhere()) {
                elsewhere.use(ROUNDS);
            }
        }
        Context context = Verbs.open("soft0");
        return switch (this) {
            case TRACED -> Tracing.of(context, line -> {});
            case VALIDATED -> Validation.of(context);
            default -> context;
        };
    }
}
