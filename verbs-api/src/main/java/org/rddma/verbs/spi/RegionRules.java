package org.rddma.verbs.spi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Capability;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** What memory can be registered, and with which rights, for every provider (man ibv_reg_mr). Changes nothing. */
public final class RegionRules {
    private static final int BASIC_RIGHTS = AccessFlags.LOCAL_WRITE
            | AccessFlags.REMOTE_WRITE
            | AccessFlags.REMOTE_READ
            | AccessFlags.REMOTE_ATOMIC
            | AccessFlags.OPTIONAL_RANGE;
    private static final int FLUSHES = AccessFlags.FLUSH_GLOBAL | AccessFlags.FLUSH_PERSISTENT;
    private static final int WRITING_RIGHTS =
            AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_ATOMIC;

    private RegionRules() {}

    /**
     * Checks access flags.
     *
     * @param verb on whose behalf
     * @param context whose capabilities decide which flags there are
     * @param access the flags
     * @throws VerbsException EOPNOTSUPP for a flag that the device does not have; EINVAL for remote writes without local
     *     ones
     */
    public static void checkAccess(String verb, AbstractContext context, int access) {
        int known = BASIC_RIGHTS
                | (context.has(Capability.FLUSH) ? FLUSHES : 0)
                | (context.has(Capability.CHOSEN_ADDRESS) ? AccessFlags.ZERO_BASED : 0)
                | (context.has(Capability.MEMORY_WINDOW_TYPE_1) || context.has(Capability.MEMORY_WINDOW_TYPE_2)
                        ? AccessFlags.MW_BIND
                        : 0);
        checkAccess(verb, known, access);
    }

    /**
     * Checks access flags of a region over all memory.
     *
     * @param verb on whose behalf
     * @param context whose capabilities decide which flags there are
     * @param access the flags
     * @throws VerbsException EOPNOTSUPP for a flag that the device does not have, or not there; EINVAL for remote writes
     *     without local ones
     */
    public static void checkAccessToAll(String verb, AbstractContext context, int access) {
        int known = BASIC_RIGHTS & ~AccessFlags.REMOTE_ATOMIC
                | AccessFlags.ON_DEMAND
                | (context.has(Capability.FLUSH) ? AccessFlags.FLUSH_GLOBAL : 0);
        checkAccess(verb, known, access);
    }

    private static void checkAccess(String verb, int known, int access) {
        if ((access & ~known) != 0) {
            throw new VerbsException(
                    verb,
                    Errno.EOPNOTSUPP,
                    "the access flags 0x" + Integer.toHexString(access)
                            + " hold some that this device does not have: 0x" + Integer.toHexString(access & ~known));
        }
        boolean remoteWrites = (access & (AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_ATOMIC)) != 0;
        if (remoteWrites && (access & AccessFlags.LOCAL_WRITE) == 0) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    "REMOTE_WRITE and REMOTE_ATOMIC need LOCAL_WRITE too: add it to the access flags");
        }
    }

    /**
     * Checks the part of a buffer that is to be registered.
     *
     * @param verb on whose behalf
     * @param buffer the memory
     * @param offset of the first byte, from the buffer's index 0
     * @param length in bytes, at least 1
     * @param access flags, checked before
     * @throws VerbsException EINVAL when the buffer is null or the range not in it; EFAULT when it has no address or
     *     cannot be read by this thread; EACCES when it is read-only and the rights are not
     */
    public static void checkBuffer(String verb, ByteBuffer buffer, int offset, int length, int access) {
        if (buffer == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the buffer is null");
        }
        if (!buffer.isDirect()) {
            throw new VerbsException(
                    verb, Errno.EFAULT, "the buffer is on the heap and has no address: use ByteBuffer.allocateDirect");
        }
        if (offset < 0 || length < 1 || length > buffer.capacity() - offset) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    "the range of " + length + " bytes at " + offset + " is empty or not in the buffer of "
                            + buffer.capacity() + " bytes");
        }
        try {
            byte unused = buffer.duplicate().clear().get(offset);
        } catch (RuntimeException e) { // the arena that it belongs to is closed, or confined to another thread
            throw new VerbsException(verb, Errno.EFAULT, "the buffer's memory cannot be used: " + e.getMessage(), e);
        }
        if (buffer.isReadOnly() && (access & WRITING_RIGHTS) != 0) {
            throw new VerbsException(
                    verb,
                    Errno.EACCES,
                    "the buffer is read-only: ask for REMOTE_READ or nothing, or give a writable one");
        }
    }

    /**
     * Checks a length against the device's limit.
     *
     * @param verb on whose behalf
     * @param limits of the device
     * @param length in bytes
     * @throws VerbsException EINVAL when it is too long
     */
    public static void checkSize(String verb, DeviceLimits limits, int length) {
        long limit = limits.maxMemoryRegionSize();
        if (length > limit) {
            throw new VerbsException(verb, Errno.EINVAL, length + " bytes are too many: the device allows " + limit);
        }
    }

    /**
     * Checks a chosen address.
     *
     * @param verb on whose behalf
     * @param address of the first byte, unsigned
     * @param length in bytes, at least 1
     * @throws VerbsException EINVAL when the last byte would be past the end of the address space
     */
    public static void checkAddress(String verb, long address, int length) {
        if (Long.compareUnsigned(address + length - 1, address) < 0) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    "the addresses would wrap around: " + length + " bytes from 0x" + Long.toHexString(address));
        }
    }

    /**
     * The part of a buffer that is registered.
     *
     * @param buffer the memory
     * @param offset of the first byte, from the buffer's index 0
     * @param length in bytes
     * @return a view of it, in native order
     */
    public static ByteBuffer slice(ByteBuffer buffer, int offset, int length) {
        return buffer.duplicate().clear().slice(offset, length).order(ByteOrder.nativeOrder());
    }
}
