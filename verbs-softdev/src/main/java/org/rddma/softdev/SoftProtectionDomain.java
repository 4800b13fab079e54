package org.rddma.softdev;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.rddma.softdev.engine.QueuePairEngine;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Errno;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePairCapabilities;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.Os;
import org.rddma.verbs.spi.QueuePairRules;
import org.rddma.verbs.spi.Resource;

/** A protection domain of a software device, or a parent domain, which stands for one. */
public final class SoftProtectionDomain extends Resource implements ProtectionDomain {
    private static final int PAGE = 4096;
    private static final int KNOWN_RIGHTS = AccessFlags.LOCAL_WRITE
            | AccessFlags.REMOTE_WRITE
            | AccessFlags.REMOTE_READ
            | AccessFlags.REMOTE_ATOMIC
            | AccessFlags.OPTIONAL_RANGE;
    private static final int WRITING_RIGHTS =
            AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_ATOMIC;

    private final SoftContext context;
    private final SoftProtectionDomain underlying;
    private final SoftThreadDomain threadDomain;
    private final Set<QueuePairEngine> queuePairs = ConcurrentHashMap.newKeySet();

    SoftProtectionDomain(SoftContext context, String label) {
        this(context, label, null, null);
    }

    /** A parent domain, unless there is none that it stands for. */
    SoftProtectionDomain(
            SoftContext context, String label, SoftProtectionDomain underlying, SoftThreadDomain threadDomain) {
        super(context, label, underlying, threadDomain);
        this.context = context;
        this.underlying = underlying;
        this.threadDomain = threadDomain;
    }

    boolean isParent() {
        return underlying != null;
    }

    /** What decides who may use whose memory: of a parent domain the one that it stands for. */
    SoftProtectionDomain actual() {
        return underlying == null ? this : underlying;
    }

    @Override
    public SoftThreadDomain threadDomain() {
        return threadDomain;
    }

    @Override
    public SoftContext context() {
        return context;
    }

    @Override
    public SoftMemoryRegion registerMemory(ByteBuffer buffer, int access) {
        return (SoftMemoryRegion) ProtectionDomain.super.registerMemory(buffer, access);
    }

    @Override
    public SoftMemoryRegion registerMemory(ByteBuffer buffer, int offset, int length, int access) {
        String verb = "registerMemory";
        requireOpen(verb);
        checkAccess(verb, access);
        checkBuffer(verb, buffer, offset, length, access);
        checkSize(verb, length);
        ByteBuffer memory = buffer.duplicate().clear().slice(offset, length).order(ByteOrder.nativeOrder());
        return register(verb, memory, access);
    }

    @Override
    public SoftMemoryRegion allocateMemory(int length, int access) {
        String verb = "allocateMemory";
        requireOpen(verb);
        checkAccess(verb, access);
        if (length < 1) {
            throw new VerbsException(verb, Errno.EINVAL, "the length is " + length + ": give at least 1");
        }
        checkSize(verb, length);
        return register(verb, Os.allocate(length, PAGE, verb), access);
    }

    private void checkSize(String verb, int length) {
        long limit = context.device().options().limits().maxMemoryRegionSize();
        if (length > limit) {
            throw new VerbsException(verb, Errno.EINVAL, length + " bytes are too many: the device allows " + limit);
        }
    }

    private SoftMemoryRegion register(String verb, ByteBuffer memory, int access) {
        return context.create(
                verb,
                context.device().memoryRegions,
                () -> new SoftMemoryRegion(this, context.label("memory region"), verb, memory, access));
    }

    private static void checkAccess(String verb, int access) {
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

    private static void checkBuffer(String verb, ByteBuffer buffer, int offset, int length, int access) {
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

    @Override
    public SoftQueuePair createQueuePair(QueuePairInitAttributes attributes) {
        String verb = "createQueuePair";
        requireOpen(verb);
        if (attributes == null || attributes.type() == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the attributes or the type in them are null");
        }
        QueuePairType type = attributes.type();
        if (type != QueuePairType.RC && type != QueuePairType.UC && type != QueuePairType.UD) {
            throw new VerbsException(
                    verb, Errno.EOPNOTSUPP, "this device has no " + type + " queue pairs: use RC, UC or UD");
        }
        SoftCompletionQueue sends = queue(verb, "send completion queue", attributes.sendCompletionQueue());
        SoftCompletionQueue receives = queue(verb, "receive completion queue", attributes.receiveCompletionQueue());
        QueuePairCapabilities sizes = QueuePairRules.checkCreate(
                attributes, context.device().options().limits());
        return context.create(
                verb,
                context.device().queuePairs,
                () -> new SoftQueuePair(this, context.label("queue pair"), attributes, sizes, sends, receives));
    }

    private SoftCompletionQueue queue(String verb, String what, Object argument) {
        return context.owned(verb, what, argument, SoftCompletionQueue.class, SoftCompletionQueue::context);
    }

    @Override
    public SoftAddressHandle createAddressHandle(AddressVector vector) {
        String verb = "createAddressHandle";
        requireOpen(verb);
        if (vector == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the address vector is null");
        }
        AddressVectorRules.check(verb, vector, context);
        return context.create(
                verb,
                context.device().addressHandles,
                () -> new SoftAddressHandle(this, context.label("address handle"), vector));
    }

    void attach(QueuePairEngine queuePair) {
        actual().queuePairs.add(queuePair);
    }

    void detach(QueuePairEngine queuePair) {
        actual().queuePairs.remove(queuePair);
    }

    /** Waits until no queue pair uses memory whose key is gone. */
    void releaseMemory(ByteBuffer memory) {
        if (context.isClosed()) {
            return; // all queue pairs are being closed
        }
        VarHandle.fullFence(); // whoever takes a doorbell or a lock after this sees that the key is gone
        actual().queuePairs.forEach(queuePair -> queuePair.release(memory));
    }

    @Override
    protected void release() {}

    @Override
    protected void forgotten() {
        if (!isParent()) {
            context.device().protectionDomains.giveBack();
        }
    }
}
