package org.rddma.softdev;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.rddma.verbs.Capability;
import org.rddma.verbs.conformance.DeviceFaults;
import org.rddma.verbs.conformance.ImmediateConformance;
import org.rddma.verbs.conformance.RemoteMemoryConformance;
import org.rddma.verbs.conformance.SendBuilderConformance;
import org.rddma.verbs.conformance.SlotConformance;

/**
 * Suites that carry data, on a network that loses, repeats and delays packets: reliable connections hide it. The devices
 * have nothing else, since of what is unreliable nothing can be expected there. Suites of failures are left out: a refusal
 * that is lost looks like a peer that is gone.
 */
@Tag("slow")
final class RoceLossTest {
    private static final RoceFaults FAULTS = new RoceFaults(20_26, 0.01, 0.01, 0.02, 8);
    private static final Set<Capability> UNRELIABLE =
            Set.of(Capability.UNRELIABLE_CONNECTION, Capability.DATAGRAM, Capability.MULTICAST);

    private static RocePair badNetwork() {
        return new RocePair(device("127.0.5.3"), device("127.0.5.4"));
    }

    private static RoceOptions device(String address) {
        RoceOptions options = RoceOptions.of(RoceNames.parse(address)).withFaults(FAULTS);
        Set<Capability> reliable = new HashSet<>(options.device().capabilities());
        reliable.removeAll(UNRELIABLE);
        return options.withDevice(options.device().withCapabilities(reliable));
    }

    /** Two devices on the bad network. */
    interface OnBadNetwork extends RoceUnderTest {
        /** Nothing else happens to them: when what is under way arrives cannot be said here. */
        @Override
        default Optional<DeviceFaults> faults() {
            return Optional.empty();
        }

        @Override
        default int answerTimeout() {
            return 15; // about 134 milliseconds
        }

        @Override
        default int answerRetries() {
            return 7;
        }
    }

    @Nested
    final class ImmediateSuite extends ImmediateConformance implements OnBadNetwork {
        private final RocePair devices = badNetwork();

        @Override
        public RocePair devices() {
            return devices;
        }
    }

    @Nested
    final class RemoteMemorySuite extends RemoteMemoryConformance implements OnBadNetwork {
        private final RocePair devices = badNetwork();

        @Override
        public RocePair devices() {
            return devices;
        }
    }

    @Nested
    final class SendBuilderSuite extends SendBuilderConformance implements OnBadNetwork {
        private final RocePair devices = badNetwork();

        @Override
        public RocePair devices() {
            return devices;
        }
    }

    @Nested
    final class SlotSuite extends SlotConformance implements OnBadNetwork {
        private final RocePair devices = badNetwork();

        @Override
        public RocePair devices() {
            return devices;
        }
    }
}
