package org.rddma.softdev;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.rddma.softdev.engine.MemoryTable;
import org.rddma.softdev.engine.QueuePairEngine;
import org.rddma.softdev.engine.SlotTable;
import org.rddma.softdev.engine.WholeProcess;
import org.rddma.softdev.engine.XrcTarget;
import org.rddma.softdev.link.roce.PacketCapture;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.AtomicCapability;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Device;
import org.rddma.verbs.DeviceAttributes;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.LinkLayer;
import org.rddma.verbs.Mtu;
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

    /** The file that all devices write their packets to, unless their options name one. */
    static final String CAPTURE_PROPERTY = "softdev.pcap";

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
    private final RoceWire wire; // null for a device whose peers are on its fabric
    private final Set<SoftContext> open = new LinkedHashSet<>(); // guarded by itself, as what happens to the device is
    private int opened;
    private volatile PacketCapture capture; // written under the lock
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

    /** A device whose peers are on its fabric. */
    SoftDevice(SoftFabric fabric, String name, int index, SoftDeviceOptions options) {
        this(fabric, name, GUID_BASE | index + 1, interfaceGid(GUID_BASE | index + 1), options, null);
    }

    private SoftDevice(
            SoftFabric fabric, String name, long guid, Gid gid, SoftDeviceOptions options, RoceOptions wireOptions) {
        this.fabric = fabric;
        this.name = name;
        this.options = WholeProcess.isAvailable() ? options : options.without(Capability.SHARE_ALL);
        this.guid = guid;
        this.gid = gid;
        port = new SoftPort(fabric);
        wire = wireOptions == null ? null : new RoceWire(this, wireOptions);
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

    /** The interface id is the GUID with its universal bit turned over. */
    private static Gid interfaceGid(long guid) {
        return new Gid(LINK_LOCAL_PREFIX, guid ^ 1L << 57);
    }

    /**
     * The device on the wire at an address of this host, which {@link org.rddma.verbs.Verbs#open} knows as {@code
     * roce:10.9.0.2} or {@code roce:fd00::1}. Nothing is checked before it is opened.
     *
     * @param address such as that of an interface, but no name that has to be looked up
     * @return the same object every time, until it is removed
     * @throws IllegalArgumentException when it is null or no address of one host
     */
    public static SoftDevice roce(InetAddress address) {
        return RoceDevices.at(address);
    }

    /**
     * A device on the wire: its queue pairs exchange InfiniBand packets over UDP with those of other processes and hosts,
     * as RoCE version 2 lays down. Its socket is opened with its first context and closed with its last: at one address
     * only one device of one process can be open at a time.
     *
     * @param options what it is to be like
     * @return a new device, which nobody finds by its name
     * @throws IllegalArgumentException when the options are null
     */
    public static SoftDevice roce(RoceOptions options) {
        if (options == null) {
            throw new IllegalArgumentException("the options are null: RoceOptions.of(address) makes some");
        }
        InetAddress address = options.address();
        return new SoftDevice(
                new SoftFabric(),
                RoceNames.of(address),
                RoceNames.guid(address),
                RoceNames.gid(address),
                options.device(),
                options);
    }

    /**
     * Opens a device of the shared fabric, or one on the wire, directly: what comes back and everything made from it has the software
     * device's own classes.
     *
     * @param name such as {@code soft0} or {@code roce:10.9.0.2}
     * @return a context of its own
     * @throws VerbsException ENODEV when there is no such device, or what follows {@code roce:} is no address; as {@link
     *     #open()}
     */
    public static SoftContext open(String name) {
        SoftDevice onWire = RoceDevices.find(name);
        if (onWire != null) {
            return onWire.open();
        }
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
            if (open.isEmpty()) {
                capture = openCapture();
            }
            SoftContext context;
            try {
                acquireWire();
            } catch (RuntimeException | Error e) {
                closeCapture();
                throw e;
            }
            try {
                context = new SoftContext(this, name + " context " + ++opened);
            } catch (RuntimeException | Error e) {
                releaseWire();
                closeCapture();
                throw e;
            }
            open.add(context);
            return context;
        }
    }

    void contextClosed(SoftContext context) {
        synchronized (open) {
            open.remove(context);
            releaseWire();
            closeCapture();
        }
    }

    private PacketCapture openCapture() {
        Path file = options.capture();
        String property = System.getProperty(CAPTURE_PROPERTY);
        if (file == null && property != null) {
            file = Path.of(property);
        }
        return file == null ? null : PacketCapture.open(file, name);
    }

    /** Ends the capture, unless there is a context that is open. */
    private void closeCapture() {
        if (open.isEmpty() && capture != null) {
            capture.close();
            capture = null;
        }
    }

    /** Where packets are written down while a context is open; null for nowhere. */
    PacketCapture capture() {
        return capture;
    }

    private void acquireWire() {
        if (wire != null) {
            wire.acquire();
        }
    }

    private void releaseWire() {
        if (wire != null) {
            wire.release();
        }
    }

    boolean isRemoved() {
        synchronized (open) {
            return removed;
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
            setUp(up);
            open.forEach(context -> context.announce(up ? AsyncEventType.PORT_ACTIVE : AsyncEventType.PORT_ERR, PORT));
        }
    }

    private void setUp(boolean up) {
        port.set(up);
        if (wire != null) {
            wire.set(up);
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
            setUp(false);
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
                mtu(),
                options.limits().maxMessageSize(),
                GID_TABLE_LENGTH,
                1,
                0,
                LinkLayer.ETHERNET,
                1,
                1,
                up ? LINK_UP : LINK_DISABLED);
    }

    /** Of the port now. */
    Mtu mtu() {
        return wire == null ? options.mtu() : wire.mtu();
    }

    /** How it reaches the wire; null when its peers are on its fabric. */
    RoceWire wire() {
        return wire;
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

    /** A queue pair gets what is sent to a group. */
    void attach(String verb, Gid group, QueuePairEngine engine) {
        if (wire == null) {
            fabric.groups().attach(verb, group, this, engine);
            return;
        }
        wire.join(verb, group);
        try {
            fabric.groups().attach(verb, group, this, engine);
        } catch (RuntimeException | Error e) {
            wire.leave(group);
            throw e;
        }
    }

    void detach(Gid group, QueuePairEngine engine) {
        fabric.groups().detach(group, this, engine);
        if (wire != null) {
            wire.leave(group);
        }
    }

    QueuePairEngine queuePair(int number) {
        return queuePairTable.get(number - FIRST_QUEUE_PAIR);
    }

    @Override
    public String toString() {
        return name;
    }
}
