package org.rddma.softdev;

import java.util.ArrayList;
import java.util.List;
import org.rddma.softdev.engine.QueuePairEngine;
import org.rddma.verbs.Capability;

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

    private final SoftSchedule schedule;

    /** A fabric without devices, apart from all others, whose devices do everything at once. */
    public SoftFabric() {
        schedule = null;
    }

    /**
     * A fabric without devices, apart from all others, whose devices do what they have to do when a schedule says so.
     *
     * @param schedule of no other fabric
     * @throws IllegalArgumentException when it is null or of another fabric
     */
    public SoftFabric(SoftSchedule schedule) {
        if (schedule == null) {
            throw new IllegalArgumentException("the schedule is null: leave it out for devices without one");
        }
        schedule.take();
        this.schedule = schedule;
    }

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
     * @throws IllegalArgumentException when the name is missing or taken, or the options are null; when they have
     *     {@link Capability#WEAK_ORDER} and the fabric no schedule, or vector threads and the fabric a schedule
     */
    public synchronized SoftDevice addDevice(String name, SoftDeviceOptions options) {
        if (name == null || name.isEmpty() || options == null) {
            throw new IllegalArgumentException("a device needs a name and options");
        }
        if (devices.stream().anyMatch(device -> device.name().equals(name))) {
            throw new IllegalArgumentException("there is a device '" + name + "' on this fabric already");
        }
        if (schedule == null && options.capabilities().contains(Capability.WEAK_ORDER)) {
            throw new IllegalArgumentException(
                    "only a schedule lets completions overtake: make the fabric with one, or leave WEAK_ORDER out");
        }
        if (schedule != null && options.vectorThreads()) {
            throw new IllegalArgumentException("the schedule raises the events: leave vector threads out");
        }
        if (schedule != null && devices.isEmpty()) {
            schedule.nameAfter(name);
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

    /**
     * What decides when its devices do what they have to do.
     *
     * @return null when they do it at once
     */
    public SoftSchedule schedule() {
        return schedule;
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
