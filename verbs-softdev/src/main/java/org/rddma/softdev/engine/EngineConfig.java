package org.rddma.softdev.engine;

import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.rddma.softdev.link.Link;
import org.rddma.softdev.link.roce.PacketPort;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Capability;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Gid;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.QueuePairCapabilities;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.spi.Completer;
import org.rddma.verbs.spi.RetryTimer;

/**
 * What a queue pair is made of.
 *
 * @param label for the flight recorder
 * @param number by which peers name it
 * @param type transport service
 * @param sizes of its queues
 * @param signalAll whether every send makes a completion
 * @param domain whose memory it may use
 * @param memory registered with the device
 * @param sends where sends complete
 * @param receives where receives complete
 * @param gid of its port
 * @param portMtu bytes of the largest datagram
 * @param limits of the device
 * @param capabilities of the device
 * @param link to its peers; null where packets go through a port
 * @param port to its peers, where packets go; null where a link delivers whole requests
 * @param timer for retries
 * @param routes what an address handle means; null for one of another provider
 * @param windows the device's side of a memory window; null for one of another provider
 * @param shared where receives come from; null for a receive queue of its own
 * @param xrc of an XRC_RECV queue pair, the shared receive queues that it reaches, by number; null where there is none
 * @param events to announce what happens to it
 * @param schedule when entries are executed; null to execute them at once
 */
public record EngineConfig(
        String label,
        int number,
        QueuePairType type,
        QueuePairCapabilities sizes,
        boolean signalAll,
        Object domain,
        MemoryTable memory,
        Completer sends,
        Completer receives,
        Gid gid,
        int portMtu,
        DeviceLimits limits,
        Set<Capability> capabilities,
        Link link,
        PacketPort port,
        RetryTimer timer,
        Function<AddressHandle, DatagramRoute> routes,
        Function<MemoryWindow, Window> windows,
        SharedReceives shared,
        IntFunction<XrcTarget> xrc,
        Consumer<AsyncEventType> events,
        ExecutionSchedule schedule) {}
