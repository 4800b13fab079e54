package org.rddma.driver.provider;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import org.rddma.driver.DriverFile;
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
 * An RDDMA driver as a device: one port, one GID, one P_Key. Devices that are open on the same driver reach each other,
 * also from several processes. The driver knows no such things as ports: they are made up here, so that the same driver
 * has the same GID everywhere.
 *
 * <p>It has reliable connections with sends, RDMA writes and reads; {@link DeviceAttributes#capabilities()} says what
 * else. The rest of the verbs has no counterpart in the driver, and fails with EOPNOTSUPP. Safe for use by several
 * threads.
 */
public final class RddmaDevice implements Device {
    static final int GID_TABLE_LENGTH = 16;
    static final int DEFAULT_PKEY = 0xFFFF;
    static final Mtu MTU = Mtu.MTU_4096;

    /** How many regions a context has room for in its directory. */
    static final int MOST_REGIONS = 16384;

    private static final long GUID_BASE = 0x0200_0000_0000_0000L;
    private static final long LINK_LOCAL_PREFIX = 0xFE80_0000_0000_0000L;
    private static final long CLOCK_KILOHERTZ = 1_000_000; // nanoseconds
    private static final int LINK_UP = 5;
    private static final int SYS_IMAGE_GUID = 1 << 11;
    private static final int RC_RNR_NAK_GEN = 1 << 12;
    private static final int VECTORS = 4;
    private static final int MOST_ENTRIES = 1 << 20;
    private static final int MOST_OBJECTS = 1 << 16;

    private static final DeviceLimits LIMITS = new DeviceLimits(
            MOST_OBJECTS,
            1 << 15,
            32,
            64, // means nothing without INLINE
            MOST_OBJECTS,
            MOST_ENTRIES,
            MOST_OBJECTS,
            MOST_REGIONS,
            Integer.MAX_VALUE,
            MOST_OBJECTS,
            0,
            128,
            128,
            1L << 31,
            1,
            0,
            0,
            0,
            0,
            0,
            0,
            65535,
            65535);

    private static final Set<Capability> CAPABILITIES = EnumSet.of(
            Capability.RDMA_READ,
            Capability.RESIZE_COMPLETION_QUEUE,
            Capability.MODERATION,
            Capability.COMPLETION_TIMESTAMP,
            Capability.WALLCLOCK_TIMESTAMP,
            Capability.SINGLE_THREADED,
            Capability.IGNORE_OVERRUN);

    private final String name;
    private final Supplier<DriverFile> opener;
    private final long guid;
    private final Gid gid;
    private final AtomicInteger opened = new AtomicInteger();

    final Quota queuePairs = new Quota("queue pairs", LIMITS.maxQueuePairs());
    final Quota completionQueues = new Quota("completion queues", LIMITS.maxCompletionQueues());
    final Quota completionChannels = new Quota("completion channels", LIMITS.maxCompletionChannels());
    final Quota memoryRegions = new Quota("memory regions", LIMITS.maxMemoryRegions());
    final Quota protectionDomains = new Quota("protection domains", LIMITS.maxProtectionDomains());

    private RddmaDevice(String name, String identity, Supplier<DriverFile> opener) {
        this.name = name;
        this.opener = opener;
        CRC32 sum = new CRC32();
        sum.update(identity.getBytes(StandardCharsets.UTF_8));
        guid = GUID_BASE | (sum.getValue() >>> 24) << 40 | 0xFFL << 32 | 0xFEL << 24 | sum.getValue() & 0xFF_FFFF;
        gid = new Gid(
                LINK_LOCAL_PREFIX, guid ^ 1L << 57); // the interface id is the GUID with its universal bit changed
    }

    /**
     * A driver's device file, or the socket of an emulator.
     *
     * @param name of the device
     * @param path where it is; nothing need be there before {@link #open}
     * @return the device
     */
    public static RddmaDevice at(String name, String path) {
        String identity = Path.of(path).toAbsolutePath().normalize().toString();
        return new RddmaDevice(name, identity, () -> DriverFile.open(path, true));
    }

    /**
     * A device on the emulator inside this process, which all such devices share.
     *
     * @param name of the device
     * @return the device
     */
    public static RddmaDevice embedded(String name) {
        return new RddmaDevice(name, "embedded " + name, () -> DriverFile.open(null, true));
    }

    /**
     * A device on a driver that is opened in a way of one's own.
     *
     * @param name of the device, from which its GID follows
     * @param opener gives a file of its own each time, in non-blocking mode
     * @return the device
     */
    public static RddmaDevice of(String name, Supplier<DriverFile> opener) {
        return new RddmaDevice(name, "opened " + name, opener);
    }

    /**
     * Opens a device of the provider directly: what comes back and everything made from it has the provider's own
     * classes.
     *
     * @param name such as {@code rddma0}
     * @return a context of its own
     * @throws VerbsException ENODEV when there is no such device; otherwise as {@link #open()}
     */
    public static RddmaContext open(String name) {
        for (RddmaDevice device : new RddmaProvider().devices()) {
            if (device.name.equals(name)) {
                return device.open();
            }
        }
        throw new VerbsException("open", Errno.ENODEV, "there is no RDDMA device '" + name + "'");
    }

    @Override
    public RddmaContext open() {
        Os.ensureAvailable("open");
        return RddmaContext.open(this, opener.get(), name + " context " + opened.incrementAndGet());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String provider() {
        return RddmaProvider.NAME;
    }

    @Override
    public long nodeGuid() {
        return guid;
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
                VECTORS,
                AtomicCapability.NONE,
                SYS_IMAGE_GUID | RC_RNR_NAK_GEN,
                LIMITS,
                CAPABILITIES,
                CLOCK_KILOHERTZ);
    }

    @Override
    public List<PortAttributes> ports() {
        return List.of(portAttributes());
    }

    /** Behind a software device of the same process: everything goes through a driver. */
    @Override
    public int priority() {
        return 60;
    }

    /** Of this object: the driver does not say what other processes have taken. */
    @Override
    public int freeQueuePairs() {
        return queuePairs.free();
    }

    /** Of this object, as {@link #freeQueuePairs}. */
    @Override
    public int freeCompletionQueues() {
        return completionQueues.free();
    }

    static int vectors() {
        return VECTORS;
    }

    static PortAttributes portAttributes() {
        return new PortAttributes(
                PortState.ACTIVE,
                MTU,
                MTU,
                LIMITS.maxMessageSize(),
                GID_TABLE_LENGTH,
                1,
                0,
                LinkLayer.ETHERNET,
                1,
                1,
                LINK_UP);
    }

    Gid gid() {
        return gid;
    }

    @Override
    public String toString() {
        return name;
    }
}
