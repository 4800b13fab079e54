package org.rddma.softdev;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.rddma.softdev.engine.QueuePairEngine;

/** Software devices that reach each other. Safe for use by several threads. */
public final class SoftFabric {
    private static final SoftFabric SHARED = new SoftFabric();

    static {
        SHARED.addDevice("soft0", SoftDeviceOptions.DEFAULT);
        SHARED.addDevice("soft1", SoftDeviceOptions.DEFAULT);
    }

    private final List<SoftDevice> devices = new CopyOnWriteArrayList<>();

    /** A fabric without devices, apart from all others. */
    public SoftFabric() {}

    /**
     * The fabric of the devices that {@link org.rddma.verbs.Verbs} finds: {@code soft0}, {@code soft1}, and those
     * that were added.
     *
     * @return the same object every time
     */
    public static SoftFabric shared() {
        return SHARED;
    }

    /**
     * Adds a device.
     *
     * @param name not used on this fabric yet
     * @param options what it is to be like
     * @return the device, to be opened
     * @throws IllegalArgumentException when the name is missing or taken, or the options are null
     */
    public synchronized SoftDevice addDevice(String name, SoftDeviceOptions options) {
        if (name == null || name.isEmpty() || options == null) {
            throw new IllegalArgumentException("a device needs a name and options");
        }
        if (devices.stream().anyMatch(device -> device.name().equals(name))) {
            throw new IllegalArgumentException("there is a device '" + name + "' on this fabric already");
        }
        SoftDevice device = new SoftDevice(this, name, devices.size(), options);
        devices.add(device);
        return device;
    }

    /**
     * All its devices.
     *
     * @return in the order in which they were added
     */
    public List<SoftDevice> devices() {
        return List.copyOf(devices);
    }

    QueuePairEngine find(long gidHigh, long gidLow, int queuePair) {
        int count = devices.size();
        for (int i = 0; i < count; i++) {
            SoftDevice device = devices.get(i);
            if (device.gid().low() == gidLow && device.gid().high() == gidHigh) {
                return device.queuePair(queuePair);
            }
        }
        return null;
    }
}
