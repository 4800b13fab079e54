package org.rddma.verbs;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A device that says what a test wants it to say, and cannot be opened. At first it can do everything. */
final class PretendedDevice implements Device {
    String name = "pretended0";
    String provider = "pretended";
    int priority = 50;
    int numaNode = 0;
    int freeQueuePairs = 1000;
    int freeCompletionQueues = 1000;
    int vectors = 4;
    AtomicCapability atomics = AtomicCapability.GLOB;
    Set<Capability> capabilities = EnumSet.complementOf(EnumSet.of(Capability.WEAK_ORDER));
    List<PortAttributes> ports = List.of(port(PortState.ACTIVE, Mtu.MTU_4096));
    RuntimeException failure;
    RuntimeException openFailure;

    /** Whether it does not even say its name when it fails. */
    boolean mute;

    final Map<DeviceLimit, Integer> limits = new EnumMap<>(DeviceLimit.class);

    /** How often it was asked how many queue pairs are free. */
    int asked;

    static PortAttributes port(PortState state, Mtu active) {
        return new PortAttributes(state, Mtu.MTU_4096, active, 1 << 30, 16, 1, 0, LinkLayer.ETHERNET, 1, 1, 5);
    }

    PretendedDevice named(String value) {
        name = value;
        return this;
    }

    @Override
    public String name() {
        if (mute) {
            throw failure;
        }
        return name;
    }

    @Override
    public String provider() {
        return provider;
    }

    @Override
    public long nodeGuid() {
        return name.hashCode();
    }

    @Override
    public int priority() {
        return priority;
    }

    @Override
    public int numaNode() {
        return numaNode;
    }

    @Override
    public int freeQueuePairs() {
        asked++;
        return freeQueuePairs;
    }

    @Override
    public int freeCompletionQueues() {
        return freeCompletionQueues;
    }

    @Override
    public List<PortAttributes> ports() {
        if (failure != null) {
            throw failure;
        }
        return ports;
    }

    private int limit(DeviceLimit which) {
        return limits.getOrDefault(which, 1000);
    }

    @Override
    public DeviceAttributes attributes() {
        DeviceLimits all = new DeviceLimits(
                limit(DeviceLimit.QUEUE_PAIRS),
                limit(DeviceLimit.QUEUE_PAIR_WORK_REQUESTS),
                limit(DeviceLimit.SCATTER_GATHER_ELEMENTS),
                limit(DeviceLimit.INLINE_DATA),
                limit(DeviceLimit.COMPLETION_QUEUES),
                limit(DeviceLimit.COMPLETION_QUEUE_ENTRIES),
                limit(DeviceLimit.COMPLETION_CHANNELS),
                limit(DeviceLimit.MEMORY_REGIONS),
                limit(DeviceLimit.MEMORY_REGION_SIZE),
                limit(DeviceLimit.PROTECTION_DOMAINS),
                limit(DeviceLimit.ADDRESS_HANDLES),
                limit(DeviceLimit.QUEUE_PAIR_READ_ATOMICS),
                limit(DeviceLimit.QUEUE_PAIR_INITIATED_READ_ATOMICS),
                limit(DeviceLimit.MESSAGE_SIZE),
                limit(DeviceLimit.PARTITION_KEYS),
                limit(DeviceLimit.SHARED_RECEIVE_QUEUES),
                limit(DeviceLimit.SHARED_RECEIVE_REQUESTS),
                limit(DeviceLimit.SHARED_RECEIVE_ELEMENTS),
                limit(DeviceLimit.MEMORY_WINDOWS),
                limit(DeviceLimit.MULTICAST_GROUPS),
                limit(DeviceLimit.MULTICAST_MEMBERS),
                limit(DeviceLimit.MODERATION_COUNT),
                limit(DeviceLimit.MODERATION_PERIOD_MICROS));
        return new DeviceAttributes(
                "", 1, 1, 0, 0, 0, NodeType.CA, ports.size(), vectors, atomics, 0, all, capabilities, 0);
    }

    @Override
    public Context open() {
        if (openFailure != null) {
            throw openFailure;
        }
        throw new VerbsException("open", Errno.ENODEV, name + " is only pretended");
    }

    @Override
    public String toString() {
        return name;
    }
}
