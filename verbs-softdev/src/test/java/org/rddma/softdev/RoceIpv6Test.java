package org.rddma.softdev;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.DatagramConformance;
import org.rddma.verbs.conformance.MessageConformance;
import org.rddma.verbs.conformance.RemoteMemoryConformance;
import org.rddma.verbs.conformance.RetryConformance;

/**
 * Suites over IPv6: a host has one such address for itself, so both ends are contexts of one device.
 * Groups are left out: a loopback interface has no route to them.
 */
final class RoceIpv6Test {
    private static final String ADDRESS = "::1";

    /** One device in place of two. */
    interface OneDevice extends RoceUnderTest {
        @Override
        default SoftContext open() {
            return devices().first.open();
        }

        @Override
        default SoftContext openOther() {
            return devices().first.open();
        }
    }

    @BeforeAll
    static void needsIpv6() {
        try {
            boolean unused = SoftDevice.roce(RoceNames.parse(ADDRESS)).ports().isEmpty();
        } catch (VerbsException e) {
            Assumptions.abort("there is no IPv6 here: " + e.getMessage());
        }
    }

    private static RocePair deviceTwice() {
        return new RocePair(ADDRESS, ADDRESS, null);
    }

    @Nested
    final class Messages extends MessageConformance implements OneDevice {
        private final RocePair devices = deviceTwice();

        @Override
        public RocePair devices() {
            return devices;
        }
    }

    @Nested
    final class RemoteMemory extends RemoteMemoryConformance implements OneDevice {
        private final RocePair devices = deviceTwice();

        @Override
        public RocePair devices() {
            return devices;
        }
    }

    @Nested
    @Tag("slow")
    final class Retries extends RetryConformance implements OneDevice {
        private final RocePair devices = deviceTwice();

        @Override
        public RocePair devices() {
            return devices;
        }
    }

    @Nested
    final class Datagrams extends DatagramConformance implements OneDevice {
        private final RocePair devices = deviceTwice();

        @Override
        public RocePair devices() {
            return devices;
        }
    }
}
