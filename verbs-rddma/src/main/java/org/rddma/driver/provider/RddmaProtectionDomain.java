package org.rddma.driver.provider;

import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePairCapabilities;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.spi.QueuePairRules;
import org.rddma.verbs.spi.RegionRules;
import org.rddma.verbs.spi.Resource;

/** A protection domain of an RDDMA device: a number that regions and queue pairs have in common. */
public final class RddmaProtectionDomain extends Resource implements ProtectionDomain {
    private static final int FIRST_QUEUE_PAIR = 16;
    private static final int LAST_QUEUE_PAIR = 0xFF_FFF0;
    private static final int TRIES = 64;

    private final RddmaContext context;
    private final int number;

    RddmaProtectionDomain(RddmaContext context, String label, int number) {
        super(context, label);
        this.context = context;
        this.number = number;
    }

    int number() {
        return number;
    }

    @Override
    public RddmaContext context() {
        return context;
    }

    @Override
    public RddmaMemoryRegion registerMemory(ByteBuffer buffer, int access) {
        return (RddmaMemoryRegion) ProtectionDomain.super.registerMemory(buffer, access);
    }

    /**
     * {@inheritDoc}
     *
     * <p>The driver copies from and to the caller's own memory, with the additions of VFI: it must be the same process
     * that opened the device, and the driver must be allowed to reach its memory.
     */
    @Override
    public RddmaMemoryRegion registerMemory(ByteBuffer buffer, int offset, int length, int access) {
        String verb = "registerMemory";
        requireOpen(verb);
        RegionRules.checkAccess(verb, context, access);
        RegionRules.checkBuffer(verb, buffer, offset, length, access);
        RegionRules.checkSize(verb, context.device().attributes().limits(), length);
        ByteBuffer memory = RegionRules.slice(buffer, offset, length);
        return context.create(
                verb,
                context.device().memoryRegions,
                () -> RddmaMemoryRegion.register(this, context.label("memory region"), memory, access));
    }

    @Override
    public RddmaMemoryRegion allocateMemory(int length, int access) {
        String verb = "allocateMemory";
        requireOpen(verb);
        RegionRules.checkAccess(verb, context, access);
        if (length < 1) {
            throw new VerbsException(verb, Errno.EINVAL, "the length is " + length + ": give at least 1");
        }
        RegionRules.checkSize(verb, context.device().attributes().limits(), length);
        return context.create(
                verb,
                context.device().memoryRegions,
                () -> RddmaMemoryRegion.allocate(this, context.label("memory region"), length, access));
    }

    @Override
    public RddmaQueuePair createQueuePair(QueuePairInitAttributes attributes) {
        String verb = "createQueuePair";
        requireOpen(verb);
        if (attributes == null || attributes.type() == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the attributes or the type in them are null");
        }
        QueuePairType type = attributes.type();
        if (type == QueuePairType.RAW_PACKET || type == QueuePairType.DRIVER) {
            throw new VerbsException(verb, Errno.EOPNOTSUPP, "this device has no " + type + " queue pairs: use RC");
        }
        boolean possible = type == QueuePairType.RC; // of other types it is the type that is told of
        RddmaCompletionQueue sends =
                possible ? queue(verb, "send completion queue", attributes.sendCompletionQueue()) : null;
        RddmaCompletionQueue receives =
                possible ? queue(verb, "receive completion queue", attributes.receiveCompletionQueue()) : null;
        if (attributes.sharedReceiveQueue() != null) {
            throw new VerbsException(
                    verb, Errno.EINVAL, "this device has no shared receive queues: this one belongs to another");
        }
        if (attributes.xrcDomain() != null) {
            throw new VerbsException(
                    verb, Errno.EINVAL, "an XRC domain is for XRC_RECV queue pairs, and this is " + type);
        }
        QueuePairRules.checkOperations(type, attributes.sendOperations());
        var device = context.device().attributes();
        QueuePairCapabilities sizes = QueuePairRules.checkCreate(attributes, device.limits(), device.capabilities());
        return context.create(
                verb,
                context.device().queuePairs,
                () -> new RddmaQueuePair(
                        this, context.label("queue pair"), attributes, sends, receives, this::engine, sizes));
    }

    private QueuePairEngine engine(
            RddmaQueuePair owner, QueuePairInitAttributes attributes, QueuePairCapabilities sizes) {
        var device = context.device().attributes();
        for (int i = 0; i < TRIES; i++) {
            QueuePairEngine made = QueuePairEngine.create(new EngineConfig(
                    owner.toString(),
                    ThreadLocalRandom.current().nextInt(FIRST_QUEUE_PAIR, LAST_QUEUE_PAIR),
                    context.number(),
                    number,
                    context.device().gid(),
                    sizes,
                    attributes.signalAll(),
                    device.limits(),
                    device.capabilities(),
                    context.session(),
                    context.buffers(),
                    context.regions(),
                    owner.sendCompletionQueue().deviceSide(),
                    owner.receiveCompletionQueue().deviceSide(),
                    context.timer(),
                    context.timeoutNanos(),
                    owner::announce));
            if (made != null) {
                return made;
            }
        }
        throw new VerbsException("createQueuePair", Errno.ENOMEM, "the driver has no queue pair number left");
    }

    private RddmaCompletionQueue queue(String verb, String what, Object argument) {
        return context.own(verb, what, argument, RddmaCompletionQueue.class, RddmaCompletionQueue::context);
    }

    @Override
    public RddmaMemoryRegion registerMemory(ByteBuffer buffer, int offset, int length, int access, long address) {
        throw VerbsException.unsupported("registerMemory", Capability.CHOSEN_ADDRESS);
    }

    @Override
    public RddmaMemoryRegion registerAll(int access) {
        throw VerbsException.unsupported("registerAll", Capability.SHARE_ALL);
    }

    @Override
    public AddressHandle createAddressHandle(AddressVector vector) {
        requireOpen("createAddressHandle");
        throw VerbsException.unsupported("createAddressHandle", Capability.DATAGRAM);
    }

    @Override
    protected void release() {}

    @Override
    protected void forgotten() {
        context.device().protectionDomains.giveBack();
    }
}
