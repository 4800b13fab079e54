package org.rddma.softdev;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.rddma.softdev.engine.MemoryTable;
import org.rddma.softdev.engine.QueuePairEngine;
import org.rddma.softdev.engine.SlotTable;
import org.rddma.softdev.engine.WholeProcess;
import org.rddma.softdev.engine.XrcTarget;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.AtomicCapability;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Device;
import org.rddma.verbs.DeviceAttributes;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.LinkLayer;
import org.rddma.verbs.NodeType;
import org.rddma.verbs.PortAttributes;
import org.rddma.verbs.PortState;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.Os;
import org.rddma.verbs.spi.Quota;

/**
 * A software device: one port, one GID, one P_Key. Remote atomics are atomic also against the processor. Safe for use
 * by several threads.
 *
 * <p>What can happen to hardware a program can make happen here: its port goes {@linkplain #portDown down} and
 * {@linkplain #portUp up}, and it is {@linkplain #remove unplugged}.
 */
public final class SoftDevice implements Device, SoftFaults {
    static final int GID_TABLE_LENGTH = 16;
    static final int DEFAULT_PKEY = 0xFFFF;

    private static final int FIRST_QUEUE_PAIR = 16; // 0 and 1 are reserved, as are a few more with soft RoCE
    private static final long GUID_BASE = 0x0200_00FF_FE00_0000L;
    private static final long LINK_LOCAL_PREFIX = 0xFE80_0000_0000_0000L;
    private static final long CLOCK_KILOHERTZ = 1_000_000; // nanoseconds
    private static final int LINK_UP = 5;
    private static final int LINK_DISABLED = 3;
    private static final int PORT = 1;
    private static final int PORT_ACTIVE_EVENT = 1 << 10;
    private static final int SYS_IMAGE_GUID = 1 << 11;
    private static final int RC_RNR_NAK_GEN = 1 << 12;

    private final SoftFabric fabric;
    private final String name;
    private final SoftDeviceOptions options;
    private final long guid;
    private final Gid gid;
    private final SoftPort port;
    private final Set<SoftContext> open = new LinkedHashSet<>(); // guarded by itself, as what happens to the device is
    private int opened;
    private boolean removed;
    private final SlotTable<QueuePairEngine> queuePairTable;
    private final SlotTable<XrcTarget> xrcTargets;
    private final MemoryTable memory;

    final Quota queuePairs;
    final Quota completionQueues;
    final Quota completionChannels;
    final Quota memoryRegions;
    final Quota memoryWindows;
    final Quota sharedReceiveQueues;
    final Quota protectionDomains;
    final Quota addressHandles;

    SoftDevice(SoftFabric fabric, String name, int index, SoftDeviceOptions options) {
        this.fabric = fabric;
        this.name = name;
        this.options = WholeProcess.isAvailable() ? options : options.without(Capability.SHARE_ALL);
        port = new SoftPort(fabric);
        guid = GUID_BASE | index + 1;
        gid = new Gid(
                LINK_LOCAL_PREFIX, guid ^ 1L << 57); // the interface id is the GUID with its universal bit turned over
        DeviceLimits limits = options.limits();
        xrcTargets = new SlotTable<>(limits.maxSharedReceiveQueues());
        queuePairTable = new SlotTable<>(limits.maxQueuePairs());
        SplittableRandom keys = fabric.schedule() == null
                ? new SplittableRandom()
                : fabric.schedule().scheduler().newRandom();
        memory = new MemoryTable(limits.maxMemoryRegions() + limits.maxMemoryWindows(), keys);
        queuePairs = new Quota("queue pairs", limits.maxQueuePairs());
        completionQueues = new Quota("completion queues", limits.maxCompletionQueues());
        completionChannels = new Quota("completion channels", limits.maxCompletionChannels());
        memoryRegions = new Quota("memory regions", limits.maxMemoryRegions());
        memoryWindows = new Quota("memory windows", limits.maxMemoryWindows());
        sharedReceiveQueues = new Quota("shared receive queues", limits.maxSharedReceiveQueues());
        protectionDomains = new Quota("protection domains", limits.maxProtectionDomains());
        addressHandles = new Quota("address handles", limits.maxAddressHandles());
    }

    /**
     * Opens a device of the shared fabric, directly: what comes back and everything made from it has the software
     * device's own classes.
     *
     * @param name such as {@code soft0}
     * @return a context of its own
     * @throws VerbsException ENODEV when there is no such device
     */
    public static SoftContext open(String name) {
        for (SoftDevice device : SoftFabric.shared().devices()) {
            if (device.name.equals(name)) {
                return device.open();
            }
        }
        throw new VerbsException("open", Errno.ENODEV, "there is no software device '" + name + "'");
    }

    /**
     * A device {@code soft0} on a fabric of its own, with a {@link SoftSchedule} that uses every freedom. For a second
     * device, {@code fabric().addDevice}.
     *
     * @param seed of the schedule's choices
     * @return the device, to be opened, and stepped by {@code fabric().schedule()}
     */
    public static SoftDevice seeded(long seed) {
        return new SoftFabric(SoftSchedule.seeded(seed)).addDevice("soft0", SoftDeviceOptions.DEFAULT);
    }

    /** Whether completions of a send queue may overtake each other. */
    boolean isWeaklyOrdered() {
        return options.capabilities().contains(Capability.WEAK_ORDER);
    }

    @Override
    public SoftContext open() {
        Os.ensureAvailable("open");
        synchronized (open) {
            if (removed) {
                throw new VerbsException("open", Errno.ENODEV, name + " has been removed");
            }
            SoftContext context = new SoftContext(this, name + " context " + ++opened);
            open.add(context);
            return context;
        }
    }

    void contextClosed(SoftContext context) {
        synchronized (open) {
            open.remove(context);
        }
    }

    @Override
    public void portDown() {
        setPort(false);
    }

    @Override
    public void portUp() {
        setPort(true);
    }

    private void setPort(boolean up) {
        synchronized (open) { // so that events are in the order of what happened
            if (removed || port.isUp() == up) {
                return;
            }
            port.set(up);
            open.forEach(context -> context.announce(up ? AsyncEventType.PORT_ACTIVE : AsyncEventType.PORT_ERR, PORT));
        }
    }

    @Override
    public void remove() {
        List<SoftContext> left;
        synchronized (open) {
            if (removed) {
                return;
            }
            removed = true;
            left = List.copyOf(open);
            port.set(false);
        }
        fabric.remove(this);
        left.forEach(SoftContext::disassociate);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String provider() {
        return SoftProvider.NAME;
    }

    @Override
    public long nodeGuid() {
        return guid;
    }

    /**
     * The fabric that it is on.
     *
     * @return where its peers are
     */
    public SoftFabric fabric() {
        return fabric;
    }

    /**
     * What it is like.
     *
     * @return as it was made, but for {@link Capability#SHARE_ALL}, which needs system calls that some containers do not
     *     allow
     */
    public SoftDeviceOptions options() {
        return options;
    }

    /** What of its capabilities {@code ibv_device_cap_flags} has a bit for. */
    private int capabilityFlags() {
        int flags = PORT_ACTIVE_EVENT | SYS_IMAGE_GUID | RC_RNR_NAK_GEN;
        for (Capability capability : options.capabilities()) {
            flags |= switch (capability) {
                case SHARED_RECEIVE_QUEUE_RESIZE -> 1 << 13;
                case MEMORY_WINDOW_TYPE_1 -> 1 << 17;
                case XRC -> 1 << 20;
                case INVALIDATE -> 1 << 21;
                case MEMORY_WINDOW_TYPE_2 -> 1 << 24;
                default -> 0;
            };
        }
        return flags;
    }

    @Override
    public DeviceAttributes attributes() {
        return new DeviceAttributes(
                "",
                guid,
                guid,
                0xFFFFFF,
                0,
                0,
                NodeType.CA,
                1,
                options.completionVectors(),
                options.capabilities().contains(Capability.ATOMICS) ? AtomicCapability.GLOB : AtomicCapability.NONE,
                capabilityFlags(),
                options.limits(),
                options.capabilities(),
                options.capabilities().contains(Capability.COMPLETION_TIMESTAMP) ? CLOCK_KILOHERTZ : 0);
    }

    @Override
    public List<PortAttributes> ports() {
        synchronized (open) {
            if (removed) {
                throw new VerbsException("ports", Errno.ENODEV, name + " has been removed");
            }
            return List.of(portAttributes());
        }
    }

    @Override
    public int priority() {
        return options.priority();
    }

    @Override
    public int numaNode() {
        return options.numaNode();
    }

    @Override
    public int freeQueuePairs() {
        return queuePairs.free();
    }

    @Override
    public int freeCompletionQueues() {
        return completionQueues.free();
    }

    SoftPort port() {
        return port;
    }

    PortAttributes portAttributes() {
        boolean up = port.isUp();
        return new PortAttributes(
                up ? PortState.ACTIVE : PortState.DOWN,
                options.mtu(),
                options.mtu(),
                options.limits().maxMessageSize(),
                GID_TABLE_LENGTH,
                1,
                0,
                LinkLayer.ETHERNET,
                1,
                1,
                up ? LINK_UP : LINK_DISABLED);
    }

    Gid gid() {
        return gid;
    }

    MemoryTable memory() {
        return memory;
    }

    /** Gives a shared receive queue a number; 0 when there is none left. */
    int reserveXrcTarget() {
        return xrcTargets.reserve() + 1;
    }

    void addXrcTarget(int number, XrcTarget target) {
        xrcTargets.put(number - 1, target);
    }

    void removeXrcTarget(int number) {
        xrcTargets.release(number - 1);
    }

    XrcTarget xrcTarget(int number) {
        return xrcTargets.get(number - 1);
    }

    int reserveQueuePair() {
        int slot = queuePairTable.reserve();
        if (slot < 0) {
            throw new VerbsException("createQueuePair", Errno.ENOMEM, "the device has no queue pair number left");
        }
        return slot + FIRST_QUEUE_PAIR;
    }

    void addQueuePair(QueuePairEngine engine) {
        queuePairTable.put(engine.number() - FIRST_QUEUE_PAIR, engine);
    }

    void removeQueuePair(int number) {
        queuePairTable.release(number - FIRST_QUEUE_PAIR);
        fabric.changed();
    }

    QueuePairEngine queuePair(int number) {
        return queuePairTable.get(number - FIRST_QUEUE_PAIR);
    }

    @Override
    public String toString() {
        return name;
    }
}
