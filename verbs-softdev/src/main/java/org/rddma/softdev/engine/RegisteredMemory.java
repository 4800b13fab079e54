package org.rddma.softdev.engine;

import java.nio.ByteBuffer;

/** Memory that the device may use, as its key finds it. */
public final class RegisteredMemory {
    final ByteBuffer memory;
    private final long address;
    private final int length;
    private final int access;
    private final Object domain;
    private final int key;
    private volatile boolean valid = true;

    RegisteredMemory(ByteBuffer memory, long address, int length, int access, Object domain, int key) {
        this.memory = memory;
        this.address = address;
        this.length = length;
        this.access = access;
        this.domain = domain;
        this.key = key;
    }

    /**
     * The key that finds it, local and remote.
     *
     * @return 24 bits of index, 8 bits that change with each use of the index
     */
    public int key() {
        return key;
    }

    void invalidate() {
        valid = false;
    }

    /**
     * Whether this memory may be used so.
     *
     * @return the offset of the range in the memory; -1 when domain, right or range are wrong
     */
    int check(Object itsDomain, int rights, long first, long bytes) {
        long offset = first - address;
        if (!valid || domain != itsDomain || (access & rights) != rights || offset < 0 || offset > length - bytes) {
            return -1;
        }
        return (int) offset;
    }
}
