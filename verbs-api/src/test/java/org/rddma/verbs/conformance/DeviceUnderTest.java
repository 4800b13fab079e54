package org.rddma.verbs.conformance;

import java.time.Duration;
import java.util.Optional;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Context;
import org.rddma.verbs.Verbs;

/** What a suite must know of the provider that it tests. */
public interface DeviceUnderTest {
    /** The name of the device. */
    String device();

    /** The name of another device on the same fabric. */
    String otherDevice();

    /** What the names of all threads begin with that the provider starts. */
    String threadPrefix();

    /** How long after a post something may still happen of which the test says that it must not. */
    Duration settleTime();

    /** Whether the device declares that it can do something. What it does not declare must fail with EOPNOTSUPP. */
    default boolean has(Capability capability) {
        try (Context context = open()) {
            return context.device().attributes().has(capability);
        }
    }

    /** Opens the device. */
    default Context open() {
        return Verbs.open(device());
    }

    /** Opens the other device. */
    default Context openOther() {
        return Verbs.open(otherDevice());
    }

    /**
     * How to make something happen to the device. Where it can be removed, every test instance has devices of its own.
     *
     * @return empty when the provider cannot
     */
    default Optional<DeviceFaults> faults() {
        return Optional.empty();
    }
}
