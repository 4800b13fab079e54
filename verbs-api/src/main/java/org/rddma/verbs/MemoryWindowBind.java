package org.rddma.verbs;

/**
 * What a memory window is to show ({@code struct ibv_mw_bind}). Reusable: everything is read when it is posted. Not
 * safe for several threads.
 */
public final class MemoryWindowBind {
    private long wrId;
    private int flags;
    private MemoryRegion region;
    private long address;
    private long length;
    private int access;

    /** Nothing: binding it takes the key of a window of type 1 away. One of type 2 is invalidated instead. */
    public MemoryWindowBind() {}

    /**
     * The id that the completion will carry.
     *
     * @param wrId any 64 bits
     * @return this
     */
    public MemoryWindowBind wrId(long wrId) {
        this.wrId = wrId;
        return this;
    }

    /**
     * How it is carried out.
     *
     * @param flags FENCE and SIGNALED of {@link SendFlags}
     * @return this
     */
    public MemoryWindowBind flags(int flags) {
        this.flags = flags;
        return this;
    }

    /**
     * What the window is to show.
     *
     * @param region registered with MW_BIND, in the window's protection domain
     * @param address of the first byte, as the region counts
     * @param length bytes
     * @param access REMOTE_WRITE, REMOTE_READ and REMOTE_ATOMIC of {@link AccessFlags}; for type 2 also ZERO_BASED
     * @return this
     */
    public MemoryWindowBind show(MemoryRegion region, long address, long length, int access) {
        this.region = region;
        this.address = address;
        this.length = length;
        this.access = access;
        return this;
    }

    /**
     * The id that the completion will carry.
     *
     * @return any 64 bits
     */
    public long wrId() {
        return wrId;
    }

    /**
     * How it is carried out.
     *
     * @return bits of {@link SendFlags}
     */
    public int flags() {
        return flags;
    }

    /**
     * The region.
     *
     * @return null for none
     */
    public MemoryRegion region() {
        return region;
    }

    /**
     * Address of the first byte.
     *
     * @return as the region counts
     */
    public long address() {
        return address;
    }

    /**
     * How much the window shows.
     *
     * @return bytes
     */
    public long length() {
        return length;
    }

    /**
     * What peers may do through the window.
     *
     * @return bits of {@link AccessFlags}
     */
    public int access() {
        return access;
    }
}
