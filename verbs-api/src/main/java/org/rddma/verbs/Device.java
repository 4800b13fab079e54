package org.rddma.verbs;

import java.util.ArrayList;
import java.util.List;

/**
 * A device that a provider offers ({@code struct ibv_device}). What it can do may be asked without opening it. Safe
 * for use by several threads.
 */
public interface Device {
    /**
     * The name by which {@link Verbs#open} finds it ({@code ibv_get_device_name}).
     *
     * @return such as {@code soft0}
     */
    String name();

    /**
     * The name of the provider that offers it.
     *
     * @return such as {@code softdev}
     */
    String provider();

    /**
     * Identifier of the node ({@code ibv_get_device_guid}).
     *
     * @return 64 bits, in host order
     */
    long nodeGuid();

    /**
     * What it is ({@code ibv_query_device}).
     *
     * @return attributes and limits
     */
    DeviceAttributes attributes();

    /**
     * Its ports as they are now ({@code ibv_query_port} of each). Devices that can tell without being opened say so in a
     * method of their own; this one opens a context for it.
     *
     * @return by number, from port 1
     * @throws VerbsException as {@link #open}
     */
    default List<PortAttributes> ports() {
        try (Context context = open()) {
            List<PortAttributes> ports = new ArrayList<>();
            for (int port = 1; port <= attributes().ports(); port++) {
                ports.add(context.queryPort(port));
            }
            return ports;
        }
    }

    /**
     * Its rank in the automatic choice, {@link Verbs#select}, as WrapDrive's devices have one.
     *
     * @return 1 to 100, smaller first; with any other number it is never chosen, but can be opened by its name
     */
    default int priority() {
        return 50;
    }

    /**
     * The memory node that it is attached to, as the system numbers them (sysfs' {@code numa_node}).
     *
     * @return 0 or more; -1 when it is not known, or the device is attached to none
     */
    default int numaNode() {
        return -1;
    }

    /**
     * How many more queue pairs it would hold now: others may take them at any time.
     *
     * @return 0 or more
     */
    default int freeQueuePairs() {
        return attributes().limits().maxQueuePairs();
    }

    /**
     * How many more completion queues it would hold now: others may take them at any time.
     *
     * @return 0 or more
     */
    default int freeCompletionQueues() {
        return attributes().limits().maxCompletionQueues();
    }

    /**
     * Opens it ({@code ibv_open_device}).
     *
     * @return a context of its own; several may be open at a time
     * @throws VerbsException ENODEV when the device is gone; ENOSYS when the system lacks something it needs; EMFILE
     *     when the process has no descriptor left
     */
    Context open();
}
