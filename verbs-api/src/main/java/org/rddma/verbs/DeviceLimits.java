package org.rddma.verbs;

/**
 * What a device can hold at most (the {@code max_*} fields of {@code ibv_device_attr}). A verb that asks for more
 * fails with EINVAL, or with ENOMEM once that many objects live.
 *
 * @param maxQueuePairs queue pairs
 * @param maxQueuePairWorkRequests work requests in one send or receive queue
 * @param maxScatterGatherElements elements of one work request
 * @param maxInlineData bytes of inline data
 * @param maxCompletionQueues completion queues
 * @param maxCompletionQueueEntries entries of one completion queue
 * @param maxCompletionChannels completion channels
 * @param maxMemoryRegions memory regions
 * @param maxMemoryRegionSize bytes of one region
 * @param maxProtectionDomains protection domains
 * @param maxAddressHandles address handles
 * @param maxQueuePairReadAtomics reads and atomics that one queue pair takes from its peer at a time
 * @param maxQueuePairInitiatedReadAtomics reads and atomics that one queue pair has under way at a time
 * @param maxMessageSize bytes of one message of a connected queue pair
 * @param maxPartitionKeys entries of a port's P_Key table
 * @param maxSharedReceiveQueues shared receive queues
 * @param maxSharedReceiveRequests receives in one of them
 * @param maxSharedReceiveElements elements of one of those
 * @param maxMemoryWindows memory windows
 * @param maxMulticastGroups groups that queue pairs can be attached to
 * @param maxMulticastMembers queue pairs attached to one group
 * @param maxModerationCount completions, for {@link CompletionQueue#moderate}
 * @param maxModerationPeriodMicros microseconds, for {@link CompletionQueue#moderate}
 */
public record DeviceLimits(
        int maxQueuePairs,
        int maxQueuePairWorkRequests,
        int maxScatterGatherElements,
        int maxInlineData,
        int maxCompletionQueues,
        int maxCompletionQueueEntries,
        int maxCompletionChannels,
        int maxMemoryRegions,
        long maxMemoryRegionSize,
        int maxProtectionDomains,
        int maxAddressHandles,
        int maxQueuePairReadAtomics,
        int maxQueuePairInitiatedReadAtomics,
        long maxMessageSize,
        int maxPartitionKeys,
        int maxSharedReceiveQueues,
        int maxSharedReceiveRequests,
        int maxSharedReceiveElements,
        int maxMemoryWindows,
        int maxMulticastGroups,
        int maxMulticastMembers,
        int maxModerationCount,
        int maxModerationPeriodMicros) {}
