package org.rddma.driver.emulator;

import java.util.LinkedHashSet;
import java.util.Set;

/** A counting barrier: whoever waits is answered when the count has come down to 0. */
final class Barrier {
    final String name;
    final long participants;
    long count;
    final Set<Waiters.Waiter> waiting = new LinkedHashSet<>(0);

    Barrier(String name, long participants) {
        this.name = name;
        this.participants = participants;
        this.count = participants;
    }

    void reply(Request request, int result) {
        request.reply(Request.at(request.descriptor(), participants, count), result);
    }
}
