package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.rddma.softdev.link.roce.CaptureReader;
import org.rddma.verbs.Context;
import org.rddma.verbs.conformance.DeviceUnderTest;

/** Software devices whose packets are written down, for suites that use all operations; afterwards the file is read. */
interface CapturedUnderTest extends DeviceUnderTest {
    /** Two devices with one file. */
    final class Devices {
        private final Path file;
        private final SoftDevice first;
        private final SoftDevice second;

        Devices() {
            try {
                file = Files.createTempFile("captured", ".pcapng");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            SoftFabric fabric = new SoftFabric();
            SoftDeviceOptions options = SoftDeviceOptions.DEFAULT.withCapture(file);
            first = fabric.addDevice("captured0", options);
            second = fabric.addDevice("captured1", options);
        }

        /** The file is as it should be, also to Wireshark where that is here. */
        void check() throws IOException, InterruptedException {
            try {
                assertThat(CaptureReader.read(file).packets()).isNotEmpty();
                if (Wireshark.isHere()) {
                    assertThat(Wireshark.complaints(file)).isEmpty();
                }
            } finally {
                Files.delete(file);
            }
        }
    }

    Devices devices();

    @Override
    default String device() {
        return devices().first.name();
    }

    @Override
    default String otherDevice() {
        return devices().second.name();
    }

    @Override
    default Context open() {
        return devices().first.open();
    }

    @Override
    default Context openOther() {
        return devices().second.open();
    }

    @Override
    default String threadPrefix() {
        return "captured";
    }

    @Override
    default Duration settleTime() {
        return Duration.ofMillis(10);
    }
}
