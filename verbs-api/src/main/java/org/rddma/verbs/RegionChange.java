package org.rddma.verbs;

import java.nio.ByteBuffer;

/**
 * What {@link MemoryRegion#reregister} is to change. Setting something puts its bit into the mask ({@code
 * ibv_rereg_mr_flags}). Reusable after {@link #clear()}; not safe for several threads.
 */
public final class RegionChange {
    /** Mask bit of {@link #memory}. */
    public static final int TRANSLATION = 1;
    /** Mask bit of {@link #protectionDomain(ProtectionDomain)}. */
    public static final int PROTECTION_DOMAIN = 2;
    /** Mask bit of {@link #access(int)}. */
    public static final int ACCESS = 4;

    private int mask;
    private ByteBuffer buffer;
    private int offset;
    private int length;
    private ProtectionDomain domain;
    private int access;

    /** Nothing to change. */
    public RegionChange() {}

    /**
     * Other memory.
     *
     * @param buffer a direct buffer
     * @param offset of the first byte in it, whatever its position
     * @param length bytes
     * @return this
     */
    public RegionChange memory(ByteBuffer buffer, int offset, int length) {
        this.buffer = buffer;
        this.offset = offset;
        this.length = length;
        mask |= TRANSLATION;
        return this;
    }

    /**
     * Another protection domain.
     *
     * @param domain of the same context
     * @return this
     */
    public RegionChange protectionDomain(ProtectionDomain domain) {
        this.domain = domain;
        mask |= PROTECTION_DOMAIN;
        return this;
    }

    /**
     * Other rights.
     *
     * @param access bits of {@link AccessFlags}
     * @return this
     */
    public RegionChange access(int access) {
        this.access = access;
        mask |= ACCESS;
        return this;
    }

    /**
     * Forgets everything.
     *
     * @return this
     */
    public RegionChange clear() {
        mask = 0;
        buffer = null;
        domain = null;
        return this;
    }

    /**
     * What is to change.
     *
     * @return the mask bits
     */
    public int mask() {
        return mask;
    }

    /**
     * Whether something is to change.
     *
     * @param bit one of the mask bits
     * @return true when it is
     */
    public boolean has(int bit) {
        return (mask & bit) != 0;
    }

    /**
     * The other memory.
     *
     * @return a direct buffer
     */
    public ByteBuffer buffer() {
        return buffer;
    }

    /**
     * Where the other memory begins in its buffer.
     *
     * @return of the first byte
     */
    public int offset() {
        return offset;
    }

    /**
     * How much other memory.
     *
     * @return bytes
     */
    public int length() {
        return length;
    }

    /**
     * The other domain.
     *
     * @return of the same context
     */
    public ProtectionDomain protectionDomain() {
        return domain;
    }

    /**
     * The other rights.
     *
     * @return bits of {@link AccessFlags}
     */
    public int access() {
        return access;
    }
}
