package org.rddma.driver.emulator;

import org.rddma.driver.Descriptor;

/** Whether a command is for this node or for another: what {@code default_ops} says; the driver compares a prefix. */
enum Ops {
    NONE,
    PRIVATE,
    PUBLIC;

    static Ops of(Request request, Descriptor term) {
        String value = request.option(term, "default_ops");
        if (value == null) {
            return NONE;
        }
        return value.startsWith("private") ? PRIVATE : value.startsWith("public") ? PUBLIC : NONE;
    }
}
