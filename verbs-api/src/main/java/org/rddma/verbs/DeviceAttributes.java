package org.rddma.verbs;

/**
 * What a device is ({@code struct ibv_device_attr}, {@code ibv_query_device}).
 *
 * @param firmwareVersion free text
 * @param nodeGuid identifier of the node
 * @param systemImageGuid identifier of the system, the same for devices in one box
 * @param vendorId IEEE number of the vendor
 * @param vendorPartId vendor's number of the part
 * @param hardwareVersion vendor's version
 * @param nodeType kind of node
 * @param ports physical ports, numbered from 1
 * @param completionVectors completion vectors, numbered from 0
 * @param atomicCapability against whom remote atomics are atomic
 * @param capabilityFlags bits of {@code ibv_device_cap_flags}
 * @param limits what it can hold
 */
public record DeviceAttributes(
        String firmwareVersion,
        long nodeGuid,
        long systemImageGuid,
        int vendorId,
        int vendorPartId,
        int hardwareVersion,
        NodeType nodeType,
        int ports,
        int completionVectors,
        AtomicCapability atomicCapability,
        int capabilityFlags,
        DeviceLimits limits) {}
