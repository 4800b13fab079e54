package org.rddma.softdev;

import java.util.HashSet;
import java.util.Set;
import org.rddma.verbs.Capability;
import org.rddma.verbs.conformance.AllConformance;

/**
 * All suites on a network that loses, repeats and delays packets: reliable connections hide it. The devices have nothing
 * else, since of what is unreliable nothing can be expected there.
 */
@org.junit.jupiter.api.Tag("slow")
@net.jqwik.api.Tag("slow")
final class RoceLossTest extends AllConformance implements RoceUnderTest {
    private static final RoceFaults FAULTS = new RoceFaults(20_26, 0.01, 0.01, 0.02, 8);
    private static final Set<Capability> UNRELIABLE =
            Set.of(Capability.UNRELIABLE_CONNECTION, Capability.DATAGRAM, Capability.MULTICAST);

    private final RocePair devices = new RocePair(
            device("127.0.5.3").withFaults(FAULTS), device("127.0.5.4").withFaults(FAULTS));

    private static RoceOptions device(String address) {
        RoceOptions options = RoceOptions.of(RoceNames.parse(address));
        Set<Capability> reliable = new HashSet<>(options.device().capabilities());
        reliable.removeAll(UNRELIABLE);
        return options.withDevice(options.device().withCapabilities(reliable));
    }

    @Override
    public RocePair devices() {
        return devices;
    }

    @Override
    public int answerTimeout() {
        return 13; // about 34 milliseconds
    }

    @Override
    public int answerRetries() {
        return 7;
    }
}
