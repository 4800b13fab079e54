package org.rddma.softdev;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.rddma.softdev.engine.QueuePairEngine;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.GidEntry;
import org.rddma.verbs.GidType;
import org.rddma.verbs.PortAttributes;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.ThreadDomain;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.spi.AbstractContext;
import org.rddma.verbs.spi.CompletionQueueRules;
import org.rddma.verbs.spi.DeliveryVector;
import org.rddma.verbs.spi.DeviceClock;
import org.rddma.verbs.spi.PathRules;
import org.rddma.verbs.spi.RetryTimer;
import org.rddma.verbs.spi.RoutingHeader;
import org.rddma.verbs.spi.ThreadedRetryTimer;

/** An open software device. */
public final class SoftContext extends AbstractContext {
    private final SoftDevice device;
    private final Set<QueuePairEngine> xrcReceivers = ConcurrentHashMap.newKeySet();
    private final RetryTimer timer;
    private final DeviceClock clock;

    SoftContext(SoftDevice device, String label) {
        super(label, device, device.options().capabilities(), vectors(device, label));
        this.device = device;
        SoftSchedule schedule = device.fabric().schedule();
        clock = schedule == null ? DeviceClock.system() : new VirtualClock(schedule.scheduler(), label);
        String timerName = label + " retry timer";
        timer = schedule == null
                ? new ThreadedRetryTimer(timerName)
                : new VirtualTimer(schedule.scheduler(), timerName);
    }

    private static List<DeliveryVector> vectors(SoftDevice device, String label) {
        SoftDeviceOptions options = device.options();
        SoftSchedule schedule = device.fabric().schedule();
        List<DeliveryVector> vectors = new ArrayList<>();
        for (int i = 0; i < options.completionVectors(); i++) {
            int cpu = options.firstVectorCpu() < 0 ? DeliveryVector.ANY_CPU : options.firstVectorCpu() + i;
            if (schedule != null) {
                vectors.add(schedule.scheduler().newVector(i, device));
            } else if (options.vectorThreads()) {
                vectors.add(DeliveryVector.threaded(i, label + " vector " + i, cpu));
            } else {
                vectors.add(DeliveryVector.inline(i));
            }
        }
        return vectors;
    }

    @Override
    public SoftDevice device() {
        return device;
    }

    @Override
    public PortAttributes queryPort(int port) {
        requirePort("queryPort", port);
        return device.portAttributes();
    }

    @Override
    public Gid queryGid(int port, int index) {
        requirePort("queryGid", port);
        PathRules.checkGidIndex("queryGid", index, SoftDevice.GID_TABLE_LENGTH);
        return index == 0 ? device.gid() : Gid.ZERO;
    }

    @Override
    public List<GidEntry> queryGidTable() {
        requireOpen("queryGidTable");
        return List.of(new GidEntry(1, 0, device.gid(), GidType.ROCE_V2));
    }

    @Override
    public int queryPkey(int port, int index) {
        requirePort("queryPkey", port);
        PathRules.checkPkeyIndex("queryPkey", index);
        return SoftDevice.DEFAULT_PKEY;
    }

    @Override
    public AddressVector addressVector(int port, WorkCompletion completion, ByteBuffer header) {
        String verb = "addressVector";
        requirePort(verb, port);
        require(verb, Capability.DATAGRAM);
        RoutingHeader way = RoutingHeader.parse(verb, completion, header);
        if (!way.destination().equals(device.gid()) && !MulticastGroups.isGroup(way.destination())) {
            throw new VerbsException(
                    verb, Errno.ENOENT, "the datagram went to " + way.destination() + ", which is no GID of this port");
        }
        return new AddressVector(
                way.source(), 0, way.hopLimit(), way.trafficClass(), way.flowLabel(), completion.serviceLevel(), port);
    }

    /**
     * {@inheritDoc}
     *
     * <p>There are {@link SoftInspection}, {@link SoftFaults} and, on a fabric that has one, {@link SoftSchedule}.
     */
    @Override
    public <T> Optional<T> extension(Class<T> type) {
        if (type == SoftInspection.class) {
            return Optional.of(type.cast(new Inspection(this)));
        }
        if (type == SoftFaults.class) {
            return Optional.of(type.cast(device));
        }
        if (type == SoftSchedule.class) {
            return Optional.ofNullable(type.cast(device.fabric().schedule()));
        }
        return super.extension(type);
    }

    private void requirePort(String verb, int port) {
        requireOpen(verb);
        PathRules.checkPort(verb, port);
    }

    @Override
    public SoftProtectionDomain allocateProtectionDomain() {
        return create(
                "allocateProtectionDomain",
                device.protectionDomains,
                () -> new SoftProtectionDomain(this, label("protection domain")));
    }

    @Override
    public SoftCompletionChannel createCompletionChannel() {
        return create(
                "createCompletionChannel",
                device.completionChannels,
                () -> new SoftCompletionChannel(this, label("completion channel")));
    }

    @Override
    public SoftCompletionQueue createCompletionQueue(int entries) {
        return createCompletionQueue(new CompletionQueueAttributes().entries(entries));
    }

    @Override
    public SoftCompletionQueue createCompletionQueue(CompletionQueueAttributes attributes) {
        String verb = "createCompletionQueue";
        requireOpen(verb);
        if (attributes == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the attributes are null");
        }
        CompletionQueueRules.checkCreate(attributes, device.attributes());
        SoftCompletionChannel channel = attributes.channel() == null
                ? null
                : own(
                        verb,
                        "channel",
                        attributes.channel(),
                        SoftCompletionChannel.class,
                        SoftCompletionChannel::context);
        DeliveryVector vector = vector(verb, attributes.vector());
        SoftProtectionDomain parent = parentDomain(verb, attributes.parentDomain());
        return create(
                verb,
                device.completionQueues,
                () -> new SoftCompletionQueue(this, label("completion queue"), attributes, channel, vector, parent));
    }

    private SoftProtectionDomain parentDomain(String verb, ProtectionDomain argument) {
        if (argument == null) {
            return null;
        }
        SoftProtectionDomain parent = ownDomain(verb, argument);
        if (!parent.isParent()) {
            throw new VerbsException(
                    verb, Errno.EINVAL, parent + " is no parent domain: make one with allocateParentDomain");
        }
        return parent;
    }

    private SoftProtectionDomain ownDomain(String verb, ProtectionDomain argument) {
        return own(verb, "protection domain", argument, SoftProtectionDomain.class, SoftProtectionDomain::context);
    }

    @Override
    public SoftThreadDomain allocateThreadDomain() {
        String verb = "allocateThreadDomain";
        requireOpen(verb);
        require(verb, Capability.THREAD_DOMAIN);
        SoftThreadDomain made = new SoftThreadDomain(this, label("thread domain"));
        made.open(verb);
        return made;
    }

    @Override
    public SoftProtectionDomain allocateParentDomain(ProtectionDomain domain, ThreadDomain threadDomain) {
        String verb = "allocateParentDomain";
        requireOpen(verb);
        require(verb, Capability.THREAD_DOMAIN);
        SoftProtectionDomain underlying = ownDomain(verb, domain);
        if (underlying.isParent()) {
            throw new VerbsException(
                    verb, Errno.EINVAL, underlying + " is a parent domain itself: give the one below it");
        }
        SoftThreadDomain threads = threadDomain == null
                ? null
                : own(verb, "thread domain", threadDomain, SoftThreadDomain.class, SoftThreadDomain::context);
        SoftProtectionDomain made = new SoftProtectionDomain(this, label("parent domain"), underlying, threads);
        made.open(verb);
        return made;
    }

    @Override
    public SoftXrcDomain openXrcDomain() {
        String verb = "openXrcDomain";
        requireOpen(verb);
        require(verb, Capability.XRC);
        SoftXrcDomain domain = new SoftXrcDomain(this, label("XRC domain"));
        domain.open(verb);
        return domain;
    }

    @Override
    public long queryRawClock() {
        requireOpen("queryRawClock");
        require("queryRawClock", Capability.COMPLETION_TIMESTAMP);
        return clock.rawTicks();
    }

    @Override
    public List<Thread> threads() {
        List<Thread> threads = super.threads();
        threads.addAll(timer.threads());
        if (device.wire() != null && !isClosed()) {
            threads.addAll(device.wire().threads());
        }
        return threads;
    }

    @Override
    protected void release() {
        timer.close();
        device.contextClosed(this);
        SoftSchedule schedule = device.fabric().schedule();
        if (schedule != null) {
            schedule.scheduler().remove(completionVectors());
        }
    }

    /** Those whose messages go to shared receive queues of any domain. */
    Set<QueuePairEngine> xrcReceivers() {
        return xrcReceivers;
    }

    RetryTimer timer() {
        return timer;
    }

    DeviceClock clock() {
        return clock;
    }
}
