package org.rddma.softdev.engine;

import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowType;

/** A memory window: a key that shows a part of a region, or nothing. */
public final class Window {
    private final MemoryWindow handle;
    private final MemoryWindowType type;
    private final Object domain;
    private final int index;
    private final Runnable quiesce;

    /** As the device knows it. */
    private volatile int key;

    /** Guarded by the table's monitor. */
    RegisteredMemory bound;

    private boolean closed;

    Window(MemoryWindow handle, MemoryWindowType type, Object domain, int index, int key, Runnable quiesce) {
        this.handle = handle;
        this.type = type;
        this.domain = domain;
        this.index = index;
        this.key = key;
        this.quiesce = quiesce;
    }

    /**
     * The object that the application holds.
     *
     * @return as given
     */
    public MemoryWindow handle() {
        return handle;
    }

    /**
     * The key that the last bind gave it.
     *
     * @return 24 bits of index, 8 bits of the caller's choice
     */
    public int key() {
        return key;
    }

    MemoryWindowType type() {
        return type;
    }

    Object domain() {
        return domain;
    }

    int index() {
        return index;
    }

    boolean isClosed() {
        return closed;
    }

    void close() {
        closed = true;
    }

    void setKey(int newKey) {
        key = newKey;
    }

    /** Waits until no queue pair that could reach memory through this window is doing so. */
    void awaitUsers() {
        quiesce.run();
    }
}
