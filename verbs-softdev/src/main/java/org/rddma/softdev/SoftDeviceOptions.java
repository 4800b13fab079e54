package org.rddma.softdev;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import org.rddma.verbs.Capability;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Mtu;

/**
 * What a software device is to be like.
 *
 * @param completionVectors how many, 1 to 2048
 * @param vectorThreads whether each vector delivers its events from a thread of its own, instead of in the thread that
 *     completes the work
 * @param firstVectorCpu the processor that the thread of vector 0 is bound to, vector 1 to the next, and so on; -1
 *     for none
 * @param mtu of the port
 * @param limits what it can hold
 * @param capabilities what it can do
 * @param priority its rank in the automatic choice, 1 to 100, smaller first; with any other number it is never chosen
 * @param numaNode the memory node that it says it is at, or -1
 * @param capture the file that its packets are written to while it is open, in pcapng format; null for that of the
 *     system property {@code softdev.pcap}, and where that is not set for none
 */
public record SoftDeviceOptions(
        int completionVectors,
        boolean vectorThreads,
        int firstVectorCpu,
        Mtu mtu,
        DeviceLimits limits,
        Set<Capability> capabilities,
        int priority,
        int numaNode,
        Path capture) {
    private static final int MILLION = 1 << 20;

    /** As many vectors as there are processors, at least 4; inline delivery; MTU 4096; limits like those of soft RoCE. */
    public static final SoftDeviceOptions DEFAULT = new SoftDeviceOptions(
            Math.max(4, Runtime.getRuntime().availableProcessors()),
            false,
            -1,
            Mtu.MTU_4096,
            new DeviceLimits(
                    MILLION - 16,
                    MILLION,
                    32,
                    1024,
                    MILLION,
                    MILLION,
                    MILLION,
                    MILLION - 1,
                    Integer.MAX_VALUE,
                    MILLION,
                    MILLION,
                    128,
                    128,
                    1L << 31,
                    1,
                    MILLION,
                    MILLION,
                    32,
                    MILLION,
                    8192,
                    56,
                    65535,
                    65535),
            EnumSet.complementOf(EnumSet.of(Capability.PATH_MIGRATION, Capability.WEAK_ORDER)),
            50,
            -1,
            null);

    // a device must be possible
    public SoftDeviceOptions {
        if (completionVectors < 1
                || completionVectors > 2048
                || firstVectorCpu < -1
                || mtu == null
                || limits == null
                || capabilities == null
                || numaNode < -1) {
            throw new IllegalArgumentException(
                    "1 to 2048 completion vectors, a processor or -1, an MTU, limits, capabilities, and a memory node or -1"
                            + " are needed");
        }
        capabilities = Set.copyOf(capabilities);
        if (capabilities.contains(Capability.PATH_MIGRATION)) {
            throw new IllegalArgumentException("a software device has no second path: leave PATH_MIGRATION out");
        }
        checkLimit("maxQueuePairs", limits.maxQueuePairs(), MILLION - 16);
        checkLimit("maxQueuePairWorkRequests", limits.maxQueuePairWorkRequests(), MILLION);
        checkLimit("maxScatterGatherElements", limits.maxScatterGatherElements(), 1024);
        checkLimit("maxInlineData", limits.maxInlineData(), 16384);
        checkLimit("maxCompletionQueueEntries", limits.maxCompletionQueueEntries(), 16 * MILLION);
        checkLimit("maxMemoryRegions", limits.maxMemoryRegions(), 8 * MILLION - 1);
        checkLimit("maxMemoryWindows", limits.maxMemoryWindows(), 8 * MILLION);
        checkLimit("maxSharedReceiveQueues", limits.maxSharedReceiveQueues(), MILLION);
        checkLimit("maxSharedReceiveRequests", limits.maxSharedReceiveRequests(), MILLION);
        checkLimit("maxSharedReceiveElements", limits.maxSharedReceiveElements(), 1024);
        checkLimit("maxMessageSize", limits.maxMessageSize(), 1L << 31);
    }

    private static void checkLimit(String name, long value, long most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(name + " is " + value + ": give 1 to " + most);
        }
    }

    /**
     * The same with other vectors.
     *
     * @param count how many
     * @param threads whether each has a thread
     * @return a copy
     */
    public SoftDeviceOptions withVectors(int count, boolean threads) {
        return new SoftDeviceOptions(
                count, threads, firstVectorCpu, mtu, limits, capabilities, priority, numaNode, capture);
    }

    /**
     * The same with vector threads bound to processors.
     *
     * @param first processor of vector 0, or -1
     * @return a copy
     */
    public SoftDeviceOptions withVectorCpus(int first) {
        return new SoftDeviceOptions(
                completionVectors, vectorThreads, first, mtu, limits, capabilities, priority, numaNode, capture);
    }

    /**
     * The same with another MTU.
     *
     * @param other of the port
     * @return a copy
     */
    public SoftDeviceOptions withMtu(Mtu other) {
        return new SoftDeviceOptions(
                completionVectors,
                vectorThreads,
                firstVectorCpu,
                other,
                limits,
                capabilities,
                priority,
                numaNode,
                capture);
    }

    /**
     * The same with other limits.
     *
     * @param other what it can hold
     * @return a copy
     */
    public SoftDeviceOptions withLimits(DeviceLimits other) {
        return new SoftDeviceOptions(
                completionVectors,
                vectorThreads,
                firstVectorCpu,
                mtu,
                other,
                capabilities,
                priority,
                numaNode,
                capture);
    }

    /**
     * With other capabilities: what is missing fails with EOPNOTSUPP.
     *
     * @param other what it can do; {@link Capability#PATH_MIGRATION} it cannot
     * @return new options
     */
    public SoftDeviceOptions withCapabilities(Set<Capability> other) {
        return new SoftDeviceOptions(
                completionVectors, vectorThreads, firstVectorCpu, mtu, limits, other, priority, numaNode, capture);
    }

    /**
     * With another rank in the automatic choice.
     *
     * @param other 1 to 100, smaller first; any other number keeps it from being chosen
     * @return a copy
     */
    public SoftDeviceOptions withPriority(int other) {
        return new SoftDeviceOptions(
                completionVectors, vectorThreads, firstVectorCpu, mtu, limits, capabilities, other, numaNode, capture);
    }

    /**
     * At another memory node, as it says: its memory is where the system puts it.
     *
     * @param other 0 or more, or -1 for none
     * @return a copy
     */
    public SoftDeviceOptions withNumaNode(int other) {
        return new SoftDeviceOptions(
                completionVectors, vectorThreads, firstVectorCpu, mtu, limits, capabilities, priority, other, capture);
    }

    /**
     * With a capture of its packets. On the loopback link, these are the packets that its messages would be on a wire.
     * Devices of one process may share a file. The process makes it anew when it first opens it; later it goes on at
     * its end.
     *
     * @param file to be written, in pcapng format; null for that of the system property {@code softdev.pcap}
     * @return a copy
     */
    public SoftDeviceOptions withCapture(Path file) {
        return new SoftDeviceOptions(
                completionVectors, vectorThreads, firstVectorCpu, mtu, limits, capabilities, priority, numaNode, file);
    }

    SoftDeviceOptions without(Capability capability) {
        Set<Capability> fewer = new HashSet<>(capabilities);
        fewer.remove(capability);
        return withCapabilities(fewer);
    }
}
