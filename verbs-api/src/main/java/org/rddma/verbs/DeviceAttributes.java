package org.rddma.verbs;

import java.util.Set;

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
 * @param capabilities what it can do besides what every device can; cannot be changed
 * @param clockKilohertz ticks of {@link Context#queryRawClock()} in a millisecond; 0 without such a clock
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
        DeviceLimits limits,
        Set<Capability> capabilities,
        long clockKilohertz) {
    /** Copies the capabilities. */
    public DeviceAttributes {
        capabilities = Set.copyOf(capabilities);
    }

    /**
     * Whether the device can do something.
     *
     * @param capability what
     * @return true when it can
     */
    public boolean has(Capability capability) {
        return capabilities.contains(capability);
    }
}
