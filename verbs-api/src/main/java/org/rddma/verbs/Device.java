package org.rddma.verbs;

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
     * Opens it ({@code ibv_open_device}).
     *
     * @return a context of its own; several may be open at a time
     * @throws VerbsException ENODEV when the device is gone; ENOSYS when the system lacks something it needs; EMFILE
     *     when the process has no descriptor left
     */
    Context open();
}
