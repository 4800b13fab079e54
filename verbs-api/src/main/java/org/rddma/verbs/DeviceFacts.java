package org.rddma.verbs;

import java.util.List;
import java.util.Objects;

/**
 * What a device said of itself at one moment: a choice goes by one reading of it, or free queues that change meanwhile
 * would make nonsense of the order.
 */
record DeviceFacts(
        String name,
        String provider,
        DeviceAttributes attributes,
        List<PortAttributes> activePorts,
        int priority,
        int numaNode,
        int freeQueuePairs,
        int freeCompletionQueues) {
    DeviceFacts {
        Objects.requireNonNull(name, "its name is null");
        Objects.requireNonNull(provider, "its provider is null");
    }

    static DeviceFacts of(Device device) {
        List<PortAttributes> active = device.ports().stream()
                .filter(port -> port.state() == PortState.ACTIVE)
                .toList();
        return new DeviceFacts(
                device.name(),
                device.provider(),
                device.attributes(),
                active,
                device.priority(),
                device.numaNode(),
                device.freeQueuePairs(),
                device.freeCompletionQueues());
    }

    /** Whether it has queue pairs of a type: every device has reliable connections. */
    boolean has(QueuePairType type) {
        return switch (type) {
            case RC -> true;
            case UC -> attributes.has(Capability.UNRELIABLE_CONNECTION);
            case UD -> attributes.has(Capability.DATAGRAM);
            case XRC_SEND, XRC_RECV -> attributes.has(Capability.XRC);
            case RAW_PACKET, DRIVER -> false;
        };
    }
}
