package org.rddma.perftest;

import java.util.Locale;

/** The two ends of a test. */
enum End {
    CLIENT(Control.CLIENT_DONE),
    SERVER(Control.SERVER_DONE);

    final int doneBit;

    End(int doneBit) {
        this.doneBit = doneBit;
    }

    End peer() {
        return this == CLIENT ? SERVER : CLIENT;
    }

    String title() {
        return name().toLowerCase(Locale.ROOT);
    }
}
