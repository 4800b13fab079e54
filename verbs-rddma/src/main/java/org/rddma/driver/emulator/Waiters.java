package org.rddma.driver.emulator;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Commands that wait at barriers. One whose open file is closed has been counted and will never be answered: it is
 * forgotten, so that whoever comes and goes leaves nothing behind.
 */
final class Waiters {
    private static final int OBJECTS = 256;
    /** Of a command's text: the line, its terms and its options. */
    private static final int COPIES = 4;

    private final Quota bytes;
    private final Map<Client, Set<Waiter>> byClient = new HashMap<>();

    /** A command and where it waits. */
    record Waiter(Request request, Barrier barrier) {}

    Waiters(Quota bytes) {
        this.bytes = bytes;
    }

    /** False when too many wait. */
    boolean mayWait(Request request) {
        return bytes.take(size(request));
    }

    /** Lets it wait, after it was asked whether it may. */
    void wait(Request request, Barrier barrier) {
        Waiter waiter = new Waiter(request, barrier);
        barrier.waiting.add(waiter);
        boolean unused = byClient.computeIfAbsent(request.client, client -> new HashSet<>())
                .add(waiter);
    }

    /** Answers all that wait at a barrier. */
    void release(Barrier barrier, int result) {
        List<Waiter> released = List.copyOf(barrier.waiting);
        barrier.waiting.clear();
        for (Waiter waiter : released) {
            Request request = waiter.request;
            bytes.giveBack(size(request));
            Set<Waiter> ofClient = byClient.get(request.client);
            ofClient.remove(waiter);
            if (ofClient.isEmpty()) {
                byClient.remove(request.client);
            }
            barrier.reply(request, result);
        }
    }

    /** Forgets the commands of an open file that is closed; tells how many. */
    int clientGone(Client client) {
        Set<Waiter> gone = byClient.remove(client);
        if (gone == null) {
            return 0;
        }
        for (Waiter waiter : gone) {
            waiter.barrier.waiting.remove(waiter);
            bytes.giveBack(size(waiter.request));
        }
        return gone.size();
    }

    private static long size(Request request) {
        return OBJECTS + (long) COPIES * request.line().text().length();
    }
}
