package org.rddma.driver.emulator;

import java.util.HashMap;
import java.util.Map;

/** All tickets for mmap(2), by number: a multiple of 64 KiB that means nothing and is never given twice. */
final class Tickets {
    private static final long FIRST = 0xd9e3_0000L;
    private static final long STEP = 0x1_0000;

    private final Map<Long, Ticket> byNumber = new HashMap<>();
    private long next = FIRST;

    Ticket issue(SharedBuffer buffer, Ticket.Key key, long firstPage, long length) {
        Ticket ticket = new Ticket(next, buffer, firstPage, length);
        next += STEP;
        byNumber.put(ticket.number(), ticket);
        buffer.tickets.put(key, ticket);
        return ticket;
    }

    Ticket find(long number) {
        return byNumber.get(number);
    }

    void drop(Ticket ticket) {
        byNumber.remove(ticket.number());
    }
}
