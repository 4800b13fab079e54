package org.rddma.softdev;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.rddma.verbs.Capability;
import org.rddma.verbs.conformance.AllConformance;
import org.rddma.verbs.conformance.DeviceFaults;

/**
 * All suites on a network that loses, repeats and reorders packets: reliable connections hide it. The devices have nothing
 * else, since of what is unreliable nothing can be expected there.
 */
@Tag("slow")
@net.jqwik.api.Tag("slow")
@ExtendWith(LostRefusals.class)
final class RoceLossTest extends AllConformance implements RoceUnderTest {
    private static final Set<Capability> UNRELIABLE =
            Set.of(Capability.UNRELIABLE_CONNECTION, Capability.DATAGRAM, Capability.MULTICAST);

    private static final String FIRST = "127.0.5.3";
    private static final String SECOND = "127.0.5.4";

    /** Each device meets other faults, and the same ones each time. */
    private static int seed = 20_26;

    private final RocePair devices = new RocePair(device(FIRST), device(SECOND));

    private static RoceOptions device(String address) {
        RoceOptions options =
                RoceOptions.of(RoceNames.parse(address)).withFaults(new RoceFaults(seed++, 0.01, 0.01, 0.02, 8));
        Set<Capability> reliable = new HashSet<>(options.device().capabilities());
        reliable.removeAll(UNRELIABLE);
        return options.withDevice(options.device().withCapabilities(reliable));
    }

    @Override
    public RocePair devices() {
        return devices;
    }

    @Override
    public boolean mayLoseRefusals() {
        return true;
    }

    /** What is lost is waited for. */
    @Override
    public int tries(int programs) {
        return programs / 10;
    }

    /** Nothing else happens to them: when what is under way arrives cannot be said here. */
    @Override
    public Optional<DeviceFaults> faults() {
        return Optional.empty();
    }

    /** A suite looks for the device's name among those that are listed. */
    @BeforeAll
    static void list() {
        System.setProperty(RoceDevices.PROPERTY, FIRST + "," + SECOND);
    }

    @AfterAll
    static void dontList() {
        System.clearProperty(RoceDevices.PROPERTY);
    }
}
