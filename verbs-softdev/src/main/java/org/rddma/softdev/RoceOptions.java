package org.rddma.softdev;

import java.net.InetAddress;
import org.rddma.softdev.link.roce.RocePort;
import org.rddma.verbs.Capability;
import org.rddma.verbs.DeviceLimits;

/**
 * What a device on the wire is to be like: {@link SoftDevice#roce(RoceOptions)}.
 *
 * @param address of this host: the device sends from there, and receives there at UDP port 4791
 * @param device what it is to be like otherwise. Its MTU is the most that is used of what the interface allows; {@link
 *     Capability#XRC} is taken out of its capabilities, since no packet carries it, and of multicast groups it can be in
 *     256 at most
 * @param polling whether the thread that receives spins on its socket instead of sleeping. It gives its processor away
 *     behind each packet, so that a thread that polls may share it; devices that are opened by their names do so where
 *     the system property {@code softdev.roce.polling} is true
 * @param receiveCpu the processor that this thread is bound to, 0 to 1023; -1 for none
 * @param receiveBufferBytes how much the system is asked to keep for this thread, at least 65536; 0 for as much as it
 *     gives
 * @param faults what is done to the packets that come; null for nothing
 */
public record RoceOptions(
        InetAddress address,
        SoftDeviceOptions device,
        boolean polling,
        int receiveCpu,
        int receiveBufferBytes,
        RoceFaults faults) {
    /** Behind those of this process in the automatic choice: a program that wants the wire says so. */
    private static final int PRIORITY = 60;

    private static final int MOST_CPU = 1023;
    private static final int LEAST_BUFFER = 1 << 16;

    // a socket must be possible
    public RoceOptions {
        if (address == null || address.isAnyLocalAddress() || address.isMulticastAddress()) {
            throw new IllegalArgumentException(
                    "the address is " + address + ": give one that an interface of this host has");
        }
        if (device == null
                || receiveCpu < -1
                || receiveCpu > MOST_CPU
                || receiveBufferBytes != 0 && receiveBufferBytes < LEAST_BUFFER) {
            throw new IllegalArgumentException("device options, a processor from 0 to " + MOST_CPU
                    + " or -1, and a buffer of 0 or at least " + LEAST_BUFFER + " bytes are needed");
        }
        if (device.capabilities().contains(Capability.WEAK_ORDER)) {
            throw new IllegalArgumentException("the wire has no schedule: leave WEAK_ORDER out");
        }
        device = device.without(Capability.XRC);
        device = device.withLimits(possible(device.limits()));
    }

    /** With no more groups than a port can be in. */
    private static DeviceLimits possible(DeviceLimits all) {
        return new DeviceLimits(
                all.maxQueuePairs(),
                all.maxQueuePairWorkRequests(),
                all.maxScatterGatherElements(),
                all.maxInlineData(),
                all.maxCompletionQueues(),
                all.maxCompletionQueueEntries(),
                all.maxCompletionChannels(),
                all.maxMemoryRegions(),
                all.maxMemoryRegionSize(),
                all.maxProtectionDomains(),
                all.maxAddressHandles(),
                all.maxQueuePairReadAtomics(),
                all.maxQueuePairInitiatedReadAtomics(),
                all.maxMessageSize(),
                all.maxPartitionKeys(),
                all.maxSharedReceiveQueues(),
                all.maxSharedReceiveRequests(),
                all.maxSharedReceiveElements(),
                all.maxMemoryWindows(),
                Math.min(all.maxMulticastGroups(), RocePort.MOST_GROUPS),
                all.maxMulticastMembers(),
                all.maxModerationCount(),
                all.maxModerationPeriodMicros());
    }

    /**
     * A device like {@link SoftDeviceOptions#DEFAULT}, but behind those in the automatic choice; its thread sleeps while
     * nothing comes.
     *
     * @param address of this host
     * @return options
     * @throws IllegalArgumentException when it is no address of one host
     */
    public static RoceOptions of(InetAddress address) {
        return new RoceOptions(address, SoftDeviceOptions.DEFAULT.withPriority(PRIORITY), false, -1, 0, null);
    }

    /**
     * The same as another device.
     *
     * @param other what it is to be like
     * @return a copy
     */
    public RoceOptions withDevice(SoftDeviceOptions other) {
        return new RoceOptions(address, other, polling, receiveCpu, receiveBufferBytes, faults);
    }

    /**
     * The same with another way of waiting for packets.
     *
     * @param spins whether its thread never sleeps
     * @return a copy
     */
    public RoceOptions withPolling(boolean spins) {
        return new RoceOptions(address, device, spins, receiveCpu, receiveBufferBytes, faults);
    }

    /**
     * The same with its thread bound to a processor.
     *
     * @param cpu its number, or -1
     * @return a copy
     */
    public RoceOptions withReceiveCpu(int cpu) {
        return new RoceOptions(address, device, polling, cpu, receiveBufferBytes, faults);
    }

    /**
     * The same with another buffer of the system.
     *
     * @param bytes at least 65536, or 0
     * @return a copy
     */
    public RoceOptions withReceiveBuffer(int bytes) {
        return new RoceOptions(address, device, polling, receiveCpu, bytes, faults);
    }

    /**
     * The same on a bad network.
     *
     * @param other what it does; null for nothing
     * @return a copy
     */
    public RoceOptions withFaults(RoceFaults other) {
        return new RoceOptions(address, device, polling, receiveCpu, receiveBufferBytes, other);
    }
}
