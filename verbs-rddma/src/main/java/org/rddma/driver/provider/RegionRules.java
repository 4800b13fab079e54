package org.rddma.driver.provider;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** What memory can be registered, and with which rights. */
final class RegionRules {
    private static final int KNOWN_RIGHTS = AccessFlags.LOCAL_WRITE
            | AccessFlags.REMOTE_WRITE
            | AccessFlags.REMOTE_READ
            | AccessFlags.REMOTE_ATOMIC
            | AccessFlags.OPTIONAL_RANGE;
    private static final int WRITING_RIGHTS =
            AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_ATOMIC;

    private RegionRules() {}

    static void checkAccess(String verb, int access) {
        if ((access & ~KNOWN_RIGHTS) != 0) {
            throw new VerbsException(
                    verb,
                    Errno.EOPNOTSUPP,
                    "the access flags 0x" + Integer.toHexString(access) + " hold some that this device does not have");
        }
        boolean remoteWrites = (access & (AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_ATOMIC)) != 0;
        if (remoteWrites && (access & AccessFlags.LOCAL_WRITE) == 0) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    "REMOTE_WRITE and REMOTE_ATOMIC need LOCAL_WRITE too: add it to the access flags");
        }
    }

    static void checkBuffer(String verb, ByteBuffer buffer, int offset, int length, int access) {
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

    static void checkSize(String verb, RddmaContext context, int length) {
        long limit = context.device().attributes().limits().maxMemoryRegionSize();
        if (length > limit) {
            throw new VerbsException(verb, Errno.EINVAL, length + " bytes are too many: the device allows " + limit);
        }
    }

    static ByteBuffer slice(ByteBuffer buffer, int offset, int length) {
        return buffer.duplicate().clear().slice(offset, length).order(ByteOrder.nativeOrder());
    }
}
