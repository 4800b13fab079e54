package org.rddma.perftest.jmh;

import org.rddma.perftest.Elsewhere;
import org.rddma.verbs.Context;
import org.rddma.verbs.Verbs;

/** How a program that is written against the interfaces comes to its objects. */
public enum Through {
    /** By {@code Verbs.open}, in a process that uses no other provider. */
    ONE("1 provider"),

    /** By {@code Verbs.open}, in a process that has used four providers before, elsewhere. */
    FOUR("4 providers");

    private static final int ROUNDS = 30_000;

    private final String title;

    Through(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /** Whether something stands between the program and the provider. */
    boolean isLayer() {
        return false;
    }

    /** Opens the device. */
    Context open() {
        if (this == FOUR) {
            try (Elsewhere elsewhere = new Elsewhere()) {
                elsewhere.use(ROUNDS);
            }
        }
        return Verbs.open("soft0");
    }
}
