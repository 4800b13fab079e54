package org.rddma.driver.emulator;

import java.util.ArrayList;
import java.util.List;

/** A counting barrier: whoever waits is answered when the count has come down to 0. */
final class Barrier {
    final String name;
    final long participants;
    long count;
    final List<Request> waiting = new ArrayList<>();

    Barrier(String name, long participants) {
        this.name = name;
        this.participants = participants;
        this.count = participants;
    }
}
