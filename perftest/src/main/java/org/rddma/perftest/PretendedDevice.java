package org.rddma.perftest;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.rddma.verbs.AtomicCapability;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Context;
import org.rddma.verbs.Device;
import org.rddma.verbs.DeviceAttributes;
import org.rddma.verbs.DeviceLimit;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NodeType;
import org.rddma.verbs.PortAttributes;
import org.rddma.verbs.VerbsException;

/** A device that is nothing but a description: it can be chosen, and not opened. */
record PretendedDevice(
        String name,
        String provider,
        int priority,
        int numaNode,
        int freeQueuePairs,
        int freeCompletionQueues,
        int vectors,
        List<PortAttributes> ports,
        AtomicCapability atomics,
        Set<Capability> capabilities,
        Map<DeviceLimit, Long> limits)
        implements Device {
    /** What a limit is that the description does not mention. */
    private static final long ORDINARY = 1 << 16;

    PretendedDevice {
        limits = new EnumMap<>(limits);
    }

    @Override
    public long nodeGuid() {
        return 0;
    }

    private long large(DeviceLimit limit) {
        return limits.getOrDefault(limit, ORDINARY);
    }

    private int limit(DeviceLimit limit) {
        return (int) Math.min(Integer.MAX_VALUE, large(limit));
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
                large(DeviceLimit.MEMORY_REGION_SIZE),
                limit(DeviceLimit.PROTECTION_DOMAINS),
                limit(DeviceLimit.ADDRESS_HANDLES),
                limit(DeviceLimit.QUEUE_PAIR_READ_ATOMICS),
                limit(DeviceLimit.QUEUE_PAIR_INITIATED_READ_ATOMICS),
                large(DeviceLimit.MESSAGE_SIZE),
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
                "", 0, 0, 0, 0, 0, NodeType.CA, ports.size(), vectors, atomics, 0, all, capabilities, 0);
    }

    @Override
    public Context open() {
        throw new VerbsException(
                "open", Errno.ENODEV, name + " is only pretended: choose among real devices to open one");
    }
}
