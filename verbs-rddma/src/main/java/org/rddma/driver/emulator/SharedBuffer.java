package org.rddma.driver.emulator;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A shared memory buffer. Binds keep hold of one that was deleted: their transfers fail from then on, and its memory
 * goes when the last copy that runs is over. All but {@link #deleted} belongs to the driver thread.
 */
final class SharedBuffer {
    final String name;
    /** Where the data begin in the first page. */
    final long offset;
    /** How many bytes of data. */
    final long extent;

    final Memory memory;
    /** Tickets for mmap(2), by what they cover and for whom. */
    final Map<Ticket.Key, Ticket> tickets = new HashMap<>();

    /** Read by the engine before it copies. */
    volatile boolean deleted;

    private int running;
    private final List<Runnable> whenIdle = new ArrayList<>(0);

    SharedBuffer(String name, long offset, long extent, Memory memory) {
        this.name = name;
        this.offset = offset;
        this.extent = extent;
        this.memory = memory;
    }

    boolean covers(long from, long length) {
        return from >= 0 && length >= 0 && from <= extent - length;
    }

    void copyBegins() {
        running++;
    }

    void copyEnds() {
        if (--running == 0) {
            List<Runnable> due = List.copyOf(whenIdle);
            whenIdle.clear();
            due.forEach(Runnable::run);
        }
    }

    /** Runs it when no copy runs: now, or when the last one is over. */
    void whenIdle(Runnable task) {
        if (running == 0) {
            task.run();
        } else {
            whenIdle.add(task);
        }
    }
}
