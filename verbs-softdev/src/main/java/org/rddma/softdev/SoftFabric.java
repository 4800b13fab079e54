package org.rddma.softdev;

import java.util.ArrayList;
import java.util.List;
import org.rddma.softdev.engine.QueuePairEngine;

/** Software devices that reach each other. Safe for use by several threads. */
public final class SoftFabric {
    private static final SoftFabric SHARED = new SoftFabric();

    static {
        SHARED.addDevice("soft0", SoftDeviceOptions.DEFAULT);
        SHARED.addDevice("soft1", SoftDeviceOptions.DEFAULT);
    }

    private volatile List<SoftDevice> devices = List.of(); // never changed, but replaced
    private int added;
    private volatile int version;
    private final MulticastGroups groups = new MulticastGroups();

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
        SoftDevice device = new SoftDevice(this, name, added++, options);
        List<SoftDevice> more = new ArrayList<>(devices);
        more.add(device);
        devices = List.copyOf(more);
        return device;
    }

    /**
     * All its devices, without those that were removed.
     *
     * @return in the order in which they were added
     */
    public List<SoftDevice> devices() {
        return devices;
    }

    synchronized void remove(SoftDevice device) {
        devices = devices.stream().filter(other -> other != device).toList();
        changed();
    }

    /** Something that was found before may not be found any more. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock; volatile for those who look without it
    synchronized void changed() {
        version++;
        groups.refresh();
    }

    MulticastGroups groups() {
        return groups;
    }

    /** Changes with every {@link #changed}. */
    int version() {
        return version;
    }

    QueuePairEngine find(long gidHigh, long gidLow, int queuePair) {
        List<SoftDevice> candidates = devices;
        for (int i = 0; i < candidates.size(); i++) {
            SoftDevice device = candidates.get(i);
            if (device.gid().low() == gidLow && device.gid().high() == gidHigh) {
                return device.port().isUp() ? device.queuePair(queuePair) : null;
            }
        }
        return null;
    }
}
