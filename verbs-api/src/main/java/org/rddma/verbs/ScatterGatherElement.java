package org.rddma.verbs;

/**
 * One piece of local memory that a work request reads or writes ({@code struct ibv_sge}). Reusable: it is read when the
 * request is posted, and may be set anew as soon as the post returns. Not safe for use by several threads.
 */
public final class ScatterGatherElement {
    private long address;
    private int length;
    private int lkey;

    /** An element of length 0. */
    public ScatterGatherElement() {}

    /**
     * The whole of a region.
     *
     * @param region registered memory
     */
    public ScatterGatherElement(MemoryRegion region) {
        set(region, 0, region == null ? 0 : region.length());
    }

    /**
     * A part of a region.
     *
     * @param region registered memory
     * @param offset first byte, from the region's start
     * @param length bytes; 0 is legal and moves nothing
     */
    public ScatterGatherElement(MemoryRegion region, int offset, int length) {
        set(region, offset, length);
    }

    /**
     * Names a part of a region. A range outside of the region is not refused here: as with libibverbs the work request
     * completes with {@link WorkCompletionStatus#LOC_PROT_ERR}.
     *
     * @param region registered memory
     * @param offset first byte, from the region's start
     * @param length bytes, 0 to 2^31-1
     * @return this
     */
    public ScatterGatherElement set(MemoryRegion region, int offset, int length) {
        if (region == null) {
            throw new VerbsException("set", Errno.EINVAL, "the region is null");
        }
        return set(region.address() + offset, length, region.lkey());
    }

    /**
     * Names memory by address and key.
     *
     * @param address native address of the first byte
     * @param length bytes, 0 to 2^31-1; a negative length is refused when the request is posted
     * @param lkey local key of the region that holds it
     * @return this
     */
    public ScatterGatherElement set(long address, int length, int lkey) {
        this.address = address;
        this.length = length;
        this.lkey = lkey;
        return this;
    }

    /**
     * The address.
     *
     * @return native address of the first byte
     */
    public long address() {
        return address;
    }

    /**
     * The length.
     *
     * @return bytes
     */
    public int length() {
        return length;
    }

    /**
     * The key.
     *
     * @return local key
     */
    public int lkey() {
        return lkey;
    }

    @Override
    public String toString() {
        return "sge[0x" + Long.toHexString(address) + " + " + length + ", lkey 0x" + Integer.toHexString(lkey) + "]";
    }
}
