package org.rddma.perftest;

import java.util.Locale;

/** The two ends of a test. */
enum End {
    CLIENT(0, Control.CLIENT_DONE),
    SERVER(1, Control.SERVER_DONE);

    final int index;
    final int doneBit;

    End(int index, int doneBit) {
        this.index = index;
        this.doneBit = doneBit;
    }

    End peer() {
        return this == CLIENT ? SERVER : CLIENT;
    }

    String title() {
        return name().toLowerCase(Locale.ROOT);
    }
}
