package org.rddma.softdev;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.rddma.softdev.engine.QueuePairEngine;
import org.rddma.softdev.engine.WholeProcess;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryWindowType;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePairCapabilities;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.XrcDomain;
import org.rddma.verbs.internal.os.Os;
import org.rddma.verbs.spi.PathRules;
import org.rddma.verbs.spi.QueuePairRules;
import org.rddma.verbs.spi.RegionRules;
import org.rddma.verbs.spi.Resource;
import org.rddma.verbs.spi.SharedReceiveQueueRules;

/** A protection domain of a software device, or a parent domain, which stands for one. */
public final class SoftProtectionDomain extends Resource implements ProtectionDomain {
    private static final int PAGE = 4096;

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
        ByteBuffer memory = checked(verb, buffer, offset, length, access);
        return register(verb, memory, firstAddress(memory, access), access);
    }

    @Override
    public SoftMemoryRegion registerMemory(ByteBuffer buffer, int offset, int length, int access, long address) {
        String verb = "registerMemory";
        requireOpen(verb);
        context.require(verb, Capability.CHOSEN_ADDRESS);
        ByteBuffer memory = checked(verb, buffer, offset, length, access);
        if ((access & AccessFlags.ZERO_BASED) != 0 && address != 0) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    "ZERO_BASED and the address 0x" + Long.toHexString(address) + " contradict each other");
        }
        RegionRules.checkAddress(verb, address, length);
        return register(verb, memory, address, access);
    }

    private ByteBuffer checked(String verb, ByteBuffer buffer, int offset, int length, int access) {
        requireOpen(verb);
        RegionRules.checkAccess(verb, context, access);
        RegionRules.checkBuffer(verb, buffer, offset, length, access);
        RegionRules.checkSize(verb, context.device().options().limits(), length);
        return RegionRules.slice(buffer, offset, length);
    }

    @Override
    public SoftMemoryRegion allocateMemory(int length, int access) {
        String verb = "allocateMemory";
        requireOpen(verb);
        RegionRules.checkAccess(verb, context, access);
        if ((access & AccessFlags.FLUSH_PERSISTENT) != 0) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    "memory that is no file's cannot be made persistent: leave FLUSH_PERSISTENT out, or register a"
                            + " mapped file");
        }
        if (length < 1) {
            throw new VerbsException(verb, Errno.EINVAL, "the length is " + length + ": give at least 1");
        }
        RegionRules.checkSize(verb, context.device().options().limits(), length);
        ByteBuffer memory = Os.allocate(length, PAGE, verb);
        return register(verb, memory, firstAddress(memory, access), access);
    }

    @Override
    public SoftMemoryRegion registerAll(int access) {
        String verb = "registerAll";
        requireOpen(verb);
        context.require(verb, Capability.SHARE_ALL);
        RegionRules.checkAccessToAll(verb, context, access);
        return register(verb, WholeProcess.MEMORY, 0, access);
    }

    private static long firstAddress(ByteBuffer memory, int access) {
        return (access & AccessFlags.ZERO_BASED) != 0 ? 0 : Os.addressOf(memory);
    }

    private SoftMemoryRegion register(String verb, ByteBuffer memory, long address, int access) {
        return context.create(
                verb,
                context.device().memoryRegions,
                () -> new SoftMemoryRegion(this, context.label("memory region"), verb, memory, address, access));
    }

    @Override
    public SoftMemoryWindow allocateMemoryWindow(MemoryWindowType type) {
        String verb = "allocateMemoryWindow";
        requireOpen(verb);
        if (type == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the type is null: give TYPE_1 or TYPE_2");
        }
        context.require(
                verb,
                type == MemoryWindowType.TYPE_1 ? Capability.MEMORY_WINDOW_TYPE_1 : Capability.MEMORY_WINDOW_TYPE_2);
        return context.create(
                verb,
                context.device().memoryWindows,
                () -> new SoftMemoryWindow(this, context.label("memory window"), type));
    }

    @Override
    public SoftQueuePair createQueuePair(QueuePairInitAttributes attributes) {
        String verb = "createQueuePair";
        requireOpen(verb);
        if (attributes == null || attributes.type() == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the attributes or the type in them are null");
        }
        QueuePairType type = attributes.type();
        if (type == QueuePairType.RAW_PACKET || type == QueuePairType.DRIVER) {
            throw new VerbsException(
                    verb, Errno.EOPNOTSUPP, "this device has no " + type + " queue pairs: use RC, UC or UD");
        }
        boolean sending = type != QueuePairType.XRC_RECV;
        boolean receiving = sending && type != QueuePairType.XRC_SEND;
        SoftCompletionQueue sends =
                sending ? queue(verb, "send completion queue", attributes.sendCompletionQueue()) : null;
        SoftCompletionQueue receives =
                receiving ? queue(verb, "receive completion queue", attributes.receiveCompletionQueue()) : null;
        SoftSharedReceiveQueue shared = sharedReceiveQueue(verb, attributes, receiving);
        SoftXrcDomain xrcDomain = xrcDomain(verb, attributes.xrcDomain(), type);
        QueuePairRules.checkOperations(type, attributes.sendOperations());
        QueuePairCapabilities sizes = QueuePairRules.checkCreate(
                attributes,
                context.device().options().limits(),
                context.device().options().capabilities());
        return context.create(
                verb,
                context.device().queuePairs,
                () -> new SoftQueuePair(
                        this, context.label("queue pair"), attributes, sizes, sends, receives, shared, xrcDomain));
    }

    private SoftSharedReceiveQueue sharedReceiveQueue(
            String verb, QueuePairInitAttributes attributes, boolean receiving) {
        if (attributes.sharedReceiveQueue() == null) {
            return null;
        }
        SoftSharedReceiveQueue shared = context.own(
                verb,
                "shared receive queue",
                attributes.sharedReceiveQueue(),
                SoftSharedReceiveQueue.class,
                queue -> queue.protectionDomain().context());
        if (!receiving || shared.isForXrc()) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    "on extended reliable connections each message names its shared receive queue: give the queue pair"
                            + " none, and others an ordinary one");
        }
        return shared;
    }

    private SoftXrcDomain xrcDomain(String verb, XrcDomain domain, QueuePairType type) {
        if (type != QueuePairType.XRC_RECV) {
            if (domain != null) {
                throw new VerbsException(
                        verb, Errno.EINVAL, "an XRC domain is for XRC_RECV queue pairs, and this is " + type);
            }
            return null;
        }
        context.require(verb, Capability.XRC);
        return context.own(verb, "XRC domain", domain, SoftXrcDomain.class, SoftXrcDomain::context);
    }

    private SoftCompletionQueue queue(String verb, String what, Object argument) {
        return context.own(verb, what, argument, SoftCompletionQueue.class, SoftCompletionQueue::context);
    }

    @Override
    public SoftAddressHandle createAddressHandle(int port, WorkCompletion completion, ByteBuffer header) {
        return (SoftAddressHandle) ProtectionDomain.super.createAddressHandle(port, completion, header);
    }

    @Override
    public SoftAddressHandle createAddressHandle(AddressVector vector) {
        String verb = "createAddressHandle";
        requireOpen(verb);
        context.require(verb, Capability.DATAGRAM);
        if (vector == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the address vector is null");
        }
        PathRules.checkVector(verb, vector, context);
        return context.create(
                verb,
                context.device().addressHandles,
                () -> new SoftAddressHandle(this, context.label("address handle"), vector));
    }

    @Override
    public SoftSharedReceiveQueue createSharedReceiveQueue(SharedReceiveQueueAttributes attributes) {
        String verb = "createSharedReceiveQueue";
        requireOpen(verb);
        context.require(verb, Capability.SHARED_RECEIVE_QUEUE);
        if (attributes == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the attributes are null");
        }
        DeviceLimits limits = context.device().options().limits();
        SharedReceiveQueueRules.check(verb, attributes, limits);
        boolean forXrc = attributes.xrcDomain() != null || attributes.completionQueue() != null;
        if (forXrc) {
            context.require(verb, Capability.XRC);
        }
        SoftXrcDomain xrcDomain = forXrc
                ? context.own(verb, "XRC domain", attributes.xrcDomain(), SoftXrcDomain.class, SoftXrcDomain::context)
                : null;
        SoftCompletionQueue queue = forXrc ? queue(verb, "completion queue", attributes.completionQueue()) : null;
        return context.create(
                verb,
                context.device().sharedReceiveQueues,
                () -> new SoftSharedReceiveQueue(
                        this, context.label("shared receive queue"), attributes, xrcDomain, queue));
    }

    void attach(QueuePairEngine queuePair) {
        actual().queuePairs.add(queuePair);
        if (queuePair.config().type() == QueuePairType.XRC_RECV) {
            context.xrcReceivers().add(queuePair);
        }
    }

    void detach(QueuePairEngine queuePair) {
        actual().queuePairs.remove(queuePair);
        context.xrcReceivers().remove(queuePair);
    }

    /** Waits until what peers are doing here now is done. */
    void awaitResponders() {
        actual().queuePairs.forEach(QueuePairEngine::awaitResponder);
        context.xrcReceivers().forEach(QueuePairEngine::awaitResponder);
    }

    /** Waits until no queue pair uses memory whose key is gone. */
    void releaseMemory(ByteBuffer memory) {
        VarHandle.fullFence(); // whoever takes a doorbell or a lock after this sees that the key is gone
        actual().queuePairs.forEach(queuePair -> queuePair.release(memory));
        context.xrcReceivers().forEach(queuePair -> queuePair.release(memory)); // into any domain's receives
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
