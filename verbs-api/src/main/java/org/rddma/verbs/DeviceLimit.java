package org.rddma.verbs;

import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * The fields of {@link DeviceLimits}, to ask for a least value of one ({@link Requirements#limit}). The limit of
 * something that a device cannot do at all counts as 0, whatever its attributes say.
 */
@SuppressWarnings("ImmutableEnumChecker") // the functions are method references, the sets are never changed
public enum DeviceLimit {
    /** See {@link DeviceLimits#maxQueuePairs}. */
    QUEUE_PAIRS("maxQueuePairs", DeviceLimits::maxQueuePairs),
    /** See {@link DeviceLimits#maxQueuePairWorkRequests}. */
    QUEUE_PAIR_WORK_REQUESTS("maxQueuePairWorkRequests", DeviceLimits::maxQueuePairWorkRequests),
    /** See {@link DeviceLimits#maxScatterGatherElements}. */
    SCATTER_GATHER_ELEMENTS("maxScatterGatherElements", DeviceLimits::maxScatterGatherElements),
    /** See {@link DeviceLimits#maxInlineData}. */
    INLINE_DATA("maxInlineData", DeviceLimits::maxInlineData, Capability.INLINE),
    /** See {@link DeviceLimits#maxCompletionQueues}. */
    COMPLETION_QUEUES("maxCompletionQueues", DeviceLimits::maxCompletionQueues),
    /** See {@link DeviceLimits#maxCompletionQueueEntries}. */
    COMPLETION_QUEUE_ENTRIES("maxCompletionQueueEntries", DeviceLimits::maxCompletionQueueEntries),
    /** See {@link DeviceLimits#maxCompletionChannels}. */
    COMPLETION_CHANNELS("maxCompletionChannels", DeviceLimits::maxCompletionChannels),
    /** See {@link DeviceLimits#maxMemoryRegions}. */
    MEMORY_REGIONS("maxMemoryRegions", DeviceLimits::maxMemoryRegions),
    /** See {@link DeviceLimits#maxMemoryRegionSize}. */
    MEMORY_REGION_SIZE("maxMemoryRegionSize", DeviceLimits::maxMemoryRegionSize),
    /** See {@link DeviceLimits#maxProtectionDomains}. */
    PROTECTION_DOMAINS("maxProtectionDomains", DeviceLimits::maxProtectionDomains),
    /** See {@link DeviceLimits#maxAddressHandles}. */
    ADDRESS_HANDLES("maxAddressHandles", DeviceLimits::maxAddressHandles, Capability.DATAGRAM),
    /** See {@link DeviceLimits#maxQueuePairReadAtomics}. */
    QUEUE_PAIR_READ_ATOMICS("maxQueuePairReadAtomics", DeviceLimits::maxQueuePairReadAtomics),
    /** See {@link DeviceLimits#maxQueuePairInitiatedReadAtomics}. */
    QUEUE_PAIR_INITIATED_READ_ATOMICS(
            "maxQueuePairInitiatedReadAtomics", DeviceLimits::maxQueuePairInitiatedReadAtomics),
    /** See {@link DeviceLimits#maxMessageSize}. */
    MESSAGE_SIZE("maxMessageSize", DeviceLimits::maxMessageSize),
    /** See {@link DeviceLimits#maxPartitionKeys}. */
    PARTITION_KEYS("maxPartitionKeys", DeviceLimits::maxPartitionKeys),
    /** See {@link DeviceLimits#maxSharedReceiveQueues}. */
    SHARED_RECEIVE_QUEUES(
            "maxSharedReceiveQueues", DeviceLimits::maxSharedReceiveQueues, Capability.SHARED_RECEIVE_QUEUE),
    /** See {@link DeviceLimits#maxSharedReceiveRequests}. */
    SHARED_RECEIVE_REQUESTS(
            "maxSharedReceiveRequests", DeviceLimits::maxSharedReceiveRequests, Capability.SHARED_RECEIVE_QUEUE),
    /** See {@link DeviceLimits#maxSharedReceiveElements}. */
    SHARED_RECEIVE_ELEMENTS(
            "maxSharedReceiveElements", DeviceLimits::maxSharedReceiveElements, Capability.SHARED_RECEIVE_QUEUE),
    /** See {@link DeviceLimits#maxMemoryWindows}. */
    MEMORY_WINDOWS(
            "maxMemoryWindows",
            DeviceLimits::maxMemoryWindows,
            Capability.MEMORY_WINDOW_TYPE_1,
            Capability.MEMORY_WINDOW_TYPE_2),
    /** See {@link DeviceLimits#maxMulticastGroups}. */
    MULTICAST_GROUPS("maxMulticastGroups", DeviceLimits::maxMulticastGroups, Capability.MULTICAST),
    /** See {@link DeviceLimits#maxMulticastMembers}. */
    MULTICAST_MEMBERS("maxMulticastMembers", DeviceLimits::maxMulticastMembers, Capability.MULTICAST),
    /** See {@link DeviceLimits#maxModerationCount}. */
    MODERATION_COUNT("maxModerationCount", DeviceLimits::maxModerationCount, Capability.MODERATION),
    /** See {@link DeviceLimits#maxModerationPeriodMicros}. */
    MODERATION_PERIOD_MICROS(
            "maxModerationPeriodMicros", DeviceLimits::maxModerationPeriodMicros, Capability.MODERATION);

    private final String field;
    private final ToLongFunction<DeviceLimits> reader;

    /** One of these is needed to make use of it; none when every device can. */
    private final Set<Capability> users;

    DeviceLimit(String field, ToLongFunction<DeviceLimits> reader, Capability... users) {
        this.field = field;
        this.reader = reader;
        this.users = Set.of(users);
    }

    /**
     * The name that it has in {@link DeviceLimits}.
     *
     * @return such as {@code maxInlineData}
     */
    public String field() {
        return field;
    }

    /**
     * What a device can hold of it.
     *
     * @param attributes of the device
     * @return the limit; 0 when the device cannot do what it is about
     */
    public long of(DeviceAttributes attributes) {
        boolean usable = users.isEmpty() || users.stream().anyMatch(attributes::has);
        return usable ? reader.applyAsLong(attributes.limits()) : 0;
    }
}
