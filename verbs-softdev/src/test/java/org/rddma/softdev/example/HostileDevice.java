package org.rddma.softdev.example;

import java.util.List;
import org.rddma.softdev.Freedoms;
import org.rddma.softdev.SoftDevice;
import org.rddma.softdev.SoftDeviceOptions;
import org.rddma.softdev.SoftFabric;
import org.rddma.softdev.SoftSchedule;
import org.rddma.verbs.Context;
import org.rddma.verbs.model.SteppedDevice;

/** The software device with a schedule, as what programs of verbs are run against. */
public record HostileDevice(SoftSchedule schedule, SoftDevice device) implements SteppedDevice {
    /** A device on a fabric of its own. */
    public static HostileDevice of(long seed, Freedoms freedoms) {
        SoftSchedule schedule = SoftSchedule.seeded(seed, freedoms);
        return new HostileDevice(schedule, new SoftFabric(schedule).addDevice("hostile0", SoftDeviceOptions.DEFAULT));
    }

    @Override
    public Context open() {
        return device.open();
    }

    @Override
    public boolean step() {
        return schedule.step();
    }

    @Override
    public long seed() {
        return schedule.seed();
    }

    @Override
    public List<String> trace() {
        return schedule.trace();
    }
}
