package org.rddma.driver.provider;

import java.util.Set;
import java.util.function.Consumer;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Capability;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Gid;
import org.rddma.verbs.QueuePairCapabilities;
import org.rddma.verbs.spi.Completer;
import org.rddma.verbs.spi.DeviceTimer;

/**
 * What a queue pair is made of.
 *
 * @param label for the flight recorder
 * @param number by which peers name it
 * @param context number of its context
 * @param domain number of its protection domain
 * @param gid of its port
 * @param sizes of its queues
 * @param signalAll whether every send makes a completion
 * @param limits of the device
 * @param capabilities of the device
 * @param session with the driver
 * @param buffers of the driver
 * @param regions of its context
 * @param sends where sends complete
 * @param receives where receives complete
 * @param timer for retries
 * @param timeoutNanos how long the driver may take for one command
 * @param events to announce what happens to it
 */
record EngineConfig(
        String label,
        int number,
        int context,
        int domain,
        Gid gid,
        QueuePairCapabilities sizes,
        boolean signalAll,
        DeviceLimits limits,
        Set<Capability> capabilities,
        DriverSession session,
        SharedBuffers buffers,
        RegionDirectory regions,
        Completer sends,
        Completer receives,
        DeviceTimer timer,
        long timeoutNanos,
        Consumer<AsyncEventType> events) {}
