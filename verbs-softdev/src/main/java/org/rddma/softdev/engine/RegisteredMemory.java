package org.rddma.softdev.engine;

import java.nio.ByteBuffer;

/** Memory that the device may use, as its key finds it: a region, or what a memory window shows of one. */
public final class RegisteredMemory {
    final ByteBuffer memory;
    final int access;
    private final long address;
    private final long length;
    private final Object domain;
    private final int key;
    private final Window window;
    private final QueuePairEngine owner;
    private final RegionHolder holder;
    private volatile boolean valid = true;

    @SuppressWarnings("ReferenceEquality")
    private RegisteredMemory(
            ByteBuffer memory,
            long address,
            int access,
            Object domain,
            int key,
            RegionHolder holder,
            Window window,
            QueuePairEngine owner) {
        this.memory = memory;
        this.address = address;
        this.length = memory == WholeProcess.MEMORY ? Long.MAX_VALUE : memory.capacity();
        this.access = access;
        this.domain = domain;
        this.key = key;
        this.holder = holder;
        this.window = window;
        this.owner = owner;
    }

    static RegisteredMemory region(
            ByteBuffer memory, long address, int access, Object domain, int key, RegionHolder holder) {
        return new RegisteredMemory(memory, address, access, domain, key, holder, null, null);
    }

    /** What a window shows; of type 2, to one queue pair only. */
    static RegisteredMemory view(
            RegisteredMemory region,
            int offset,
            int length,
            long address,
            int access,
            int key,
            Window window,
            QueuePairEngine owner) {
        ByteBuffer memory = region.memory.slice(offset, length).order(region.memory.order());
        return new RegisteredMemory(memory, address, access, region.domain, key, region.holder, window, owner);
    }

    /**
     * The key that finds it, local and remote.
     *
     * @return 24 bits of index, 8 bits that change with each use of the index
     */
    public int key() {
        return key;
    }

    /** Whether it is over all memory of the process, where the processor's atomics cannot be used. */
    @SuppressWarnings("ReferenceEquality")
    boolean isWholeProcess() {
        return memory == WholeProcess.MEMORY;
    }

    long address() {
        return address;
    }

    long length() {
        return length;
    }

    Object domain() {
        return domain;
    }

    Window window() {
        return window;
    }

    QueuePairEngine owner() {
        return owner;
    }

    RegionHolder holder() {
        return holder;
    }

    void invalidate() {
        valid = false;
    }

    /**
     * Whether the own work requests may use this memory so: a window's key is for peers only.
     *
     * @return the offset of the range in the memory, its address where that is all memory; -1 when domain, right or range are wrong
     */
    long check(Object itsDomain, int rights, long first, long bytes) {
        return window == null ? offset(itsDomain, rights, first, bytes) : -1;
    }

    /**
     * Whether the peer of a queue pair may use this memory so.
     *
     * @return as {@link #check}
     */
    long checkRemote(QueuePairEngine target, Object itsDomain, int rights, long first, long bytes) {
        return owner == null || owner == target ? offset(itsDomain, rights, first, bytes) : -1;
    }

    private long offset(Object itsDomain, int rights, long first, long bytes) {
        long offset = first - address;
        if (!valid || domain != itsDomain || (access & rights) != rights || offset < 0 || offset > length - bytes) {
            return -1;
        }
        return offset;
    }
}
