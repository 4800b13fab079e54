package org.rddma.softdev;

import java.util.LinkedHashSet;
import java.util.Set;
import org.rddma.softdev.engine.CapturedLink;
import org.rddma.softdev.engine.DatagramRoute;
import org.rddma.softdev.engine.EngineConfig;
import org.rddma.softdev.engine.QueuePairEngine;
import org.rddma.softdev.engine.Window;
import org.rddma.softdev.link.Link;
import org.rddma.softdev.link.LoopbackLink;
import org.rddma.softdev.link.roce.PacketCapture;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.MemoryWindowType;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairCapabilities;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendBuilder;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.spi.EventfulResource;
import org.rddma.verbs.spi.PathRules;
import org.rddma.verbs.spi.QueuePairRules;
import org.rddma.verbs.spi.QueuePairStateRecord;
import org.rddma.verbs.spi.RequestBuilder;

/** A queue pair of a software device. */
public final class SoftQueuePair extends EventfulResource implements QueuePair {
    private final SoftProtectionDomain domain;
    private final SoftCompletionQueue sends;
    private final SoftCompletionQueue receives;
    private final Set<Gid> groups = new LinkedHashSet<>();
    private final Object userContext;
    private final int sendOperations;
    private final SoftSharedReceiveQueue shared;
    private final QueuePairEngine engine;

    SoftQueuePair(
            SoftProtectionDomain domain,
            String label,
            QueuePairInitAttributes attributes,
            QueuePairCapabilities sizes,
            SoftCompletionQueue sends,
            SoftCompletionQueue receives,
            SoftSharedReceiveQueue shared,
            SoftXrcDomain xrcDomain) {
        super(domain.context(), label, domain, sends, receives, shared, xrcDomain);
        this.shared = shared;
        this.domain = domain;
        this.sends = sends;
        this.receives = receives;
        userContext = attributes.userContext();
        sendOperations = attributes.sendOperations();
        SoftDevice device = domain.context().device();
        SoftSchedule schedule = device.fabric().schedule();
        int number = device.reserveQueuePair();
        try {
            engine = new QueuePairEngine(new EngineConfig(
                    label,
                    number,
                    attributes.type(),
                    sizes,
                    attributes.signalAll(),
                    domain.actual(),
                    device.memory(),
                    sends == null ? null : sends.deviceSide(),
                    receives == null ? null : receives.deviceSide(),
                    device.gid(),
                    device.mtu().bytes(),
                    device.options().limits(),
                    device.options().capabilities(),
                    device.wire() == null ? link(device) : null,
                    device.wire() == null ? null : device.wire().port(),
                    domain.context().timer(),
                    SoftQueuePair::route,
                    SoftQueuePair::window,
                    shared == null ? null : shared.deviceSide(),
                    xrcDomain == null ? unused -> null : xrcDomain::find,
                    this::announce,
                    schedule == null ? null : new ScheduledQueuePair(schedule.scheduler(), device, number)));
        } catch (RuntimeException | Error e) {
            device.removeQueuePair(number);
            throw e;
        }
        device.addQueuePair(engine);
        domain.attach(engine);
        if (sends != null) {
            sends.attach(engine);
        }
        if (receives != null) {
            receives.attach(engine);
        }
    }

    private static Link link(SoftDevice device) {
        SoftSchedule schedule = device.fabric().schedule();
        Link loopback = new LoopbackLink(device.port());
        Link link = schedule == null ? loopback : new HostileLink(schedule.scheduler(), device.port(), loopback);
        PacketCapture capture = device.capture();
        return capture == null ? link : new CapturedLink(link, capture, device.gid());
    }

    private static DatagramRoute route(AddressHandle handle) {
        return handle instanceof SoftAddressHandle own ? own.route() : null;
    }

    private static Window window(MemoryWindow handle) {
        return handle instanceof SoftMemoryWindow own ? own.deviceSide() : null;
    }

    QueuePairEngine engine() {
        return engine;
    }

    @Override
    public SoftProtectionDomain protectionDomain() {
        return domain;
    }

    @Override
    public int number() {
        return engine.number();
    }

    @Override
    public QueuePairType type() {
        return engine.config().type();
    }

    @Override
    public QueuePairState state() {
        return engine.state();
    }

    @Override
    public QueuePairCapabilities capabilities() {
        return engine.capabilities();
    }

    @Override
    public SoftCompletionQueue sendCompletionQueue() {
        return sends;
    }

    @Override
    public SoftCompletionQueue receiveCompletionQueue() {
        return receives;
    }

    @Override
    public boolean signalAll() {
        return engine.config().signalAll();
    }

    @Override
    public Object userContext() {
        return userContext;
    }

    @Override
    public void modify(QueuePairAttributes attributes) {
        requireOpen("modify");
        if (attributes == null) {
            throw new VerbsException("modify", Errno.EINVAL, "the attributes are null");
        }
        SoftContext context = domain.context();
        PathRules.checkModify(attributes, context);
        if (attributes.has(QueuePairAttributes.ALTERNATE_PATH)
                || attributes.has(QueuePairAttributes.PATH_MIGRATION_STATE)) {
            QueuePairRules.checkModify(
                    type(), state(), attributes, context.device().options().limits());
            context.require("modify", Capability.PATH_MIGRATION);
        }
        engine.modify(attributes);
    }

    @Override
    public QueuePairAttributes query() {
        requireOpen("query");
        return engine.query();
    }

    @Override
    public SendRequest postSend(SendRequest first) {
        requireOpen("postSend");
        if (first == null) {
            throw new VerbsException("postSend", Errno.EINVAL, "the request is null");
        }
        return engine.postSend(first);
    }

    @Override
    public ReceiveRequest postReceive(ReceiveRequest first) {
        requireOpen("postReceive");
        if (first == null) {
            throw new VerbsException("postReceive", Errno.EINVAL, "the request is null");
        }
        return engine.postReceive(first);
    }

    @Override
    public SoftSharedReceiveQueue sharedReceiveQueue() {
        return shared;
    }

    @Override
    public SendBuilder sendBuilder() {
        requireOpen("sendBuilder");
        return new RequestBuilder(sendOperations, this::postAll);
    }

    private boolean postAll(SendRequest first, int count) {
        requireOpen("complete");
        return engine.postAllSends(first, count);
    }

    @Override
    public boolean bindMemoryWindow(MemoryWindow window, MemoryWindowBind bind) {
        String verb = "bindMemoryWindow";
        requireOpen(verb);
        SoftContext context = domain.context();
        context.require(verb, Capability.MEMORY_WINDOW_TYPE_1);
        SoftMemoryWindow own = context.own(
                verb,
                "window",
                window,
                SoftMemoryWindow.class,
                other -> other.protectionDomain().context());
        if (bind == null || own.type() != MemoryWindowType.TYPE_1) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    "give a bind, and a window of type 1: one of type 2 is bound by a work request");
        }
        if (own.protectionDomain().actual() != domain.actual()
                || bind.region() != null && !isOfSameDomain(bind.region())) {
            throw new VerbsException(
                    verb, Errno.EPERM, "the window or the region belongs to another protection domain than " + this);
        }
        try {
            return own.bind(nextKey -> engine.postBind(new SendRequest()
                    .bindMemoryWindow(own, nextKey, bind)
                    .wrId(bind.wrId())
                    .flags(bind.flags())));
        } catch (VerbsException e) {
            throw e.onBehalfOf(verb);
        }
    }

    @Override
    protected void deviceLost() {
        engine.failFromOutside(QueuePairStateRecord.DEVICE);
    }

    private boolean isOfSameDomain(MemoryRegion region) {
        return region instanceof SoftMemoryRegion own && own.protectionDomain().actual() == domain.actual();
    }

    @Override
    public void attachMulticast(Gid group, int lid) {
        String verb = "attachMulticast";
        SoftContext context = checkMulticast(verb, group);
        synchronized (groups) {
            requireOpen(verb);
            if (!groups.contains(group)) {
                context.device().attach(verb, group, engine);
                groups.add(group);
            }
        }
    }

    @Override
    public void detachMulticast(Gid group, int lid) {
        String verb = "detachMulticast";
        SoftContext context = checkMulticast(verb, group);
        synchronized (groups) {
            requireOpen(verb);
            if (!groups.remove(group)) {
                throw new VerbsException(verb, Errno.EINVAL, this + " is not attached to " + group);
            }
            context.device().detach(group, engine);
        }
    }

    private SoftContext checkMulticast(String verb, Gid group) {
        requireOpen(verb);
        SoftContext context = domain.context();
        context.require(verb, Capability.MULTICAST);
        if (type() != QueuePairType.UD) {
            throw new VerbsException(verb, Errno.EINVAL, "groups are for UD queue pairs, and this is " + type());
        }
        if (group == null || !MulticastGroups.isGroup(group)) {
            throw new VerbsException(
                    verb,
                    Errno.EINVAL,
                    "the GID is " + group
                            + ": that of a group begins with the byte 0xFF, or is ::ffff:224.0.0.0 or a later one");
        }
        return context;
    }

    @Override
    protected boolean beginClose(String verb) {
        synchronized (groups) {
            if (!groups.isEmpty() && !domain.context().isClosed()) {
                throw new VerbsException(
                        verb,
                        Errno.EBUSY,
                        this + " is attached to " + groups.iterator().next() + ": detach it first");
            }
            return super.beginClose(verb);
        }
    }

    @Override
    protected void release() {
        synchronized (groups) { // those of a context that is closing
            SoftDevice device = domain.context().device();
            groups.forEach(group -> device.detach(group, engine));
            groups.clear();
        }
        engine.destroy();
        domain.context().device().removeQueuePair(engine.number());
        domain.detach(engine);
        if (sends != null) {
            sends.detach(engine);
        }
        if (receives != null) {
            receives.detach(engine);
        }
    }

    @Override
    protected void forgotten() {
        domain.context().device().queuePairs.giveBack();
    }
}
