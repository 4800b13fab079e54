package org.rddma.driver.provider;

import org.rddma.driver.emulator.DriverEmulator;
import org.rddma.driver.emulator.EmulatorOptions;

/** A driver of one's own, and devices on it. While it lasts, commands may take as long as given. */
final class OwnDriver implements AutoCloseable {
    private static final String TIMEOUT = "rddma.timeout";

    final DriverEmulator emulator;
    private final String before = System.getProperty(TIMEOUT);

    OwnDriver(EmulatorOptions options, int timeoutMillis) {
        System.setProperty(TIMEOUT, Integer.toString(timeoutMillis));
        emulator = DriverEmulator.start(options);
    }

    RddmaDevice device(String name) {
        return RddmaDevice.of(name, () -> emulator.open(true));
    }

    Side side(String name) {
        return new Side(device(name).open());
    }

    @Override
    public void close() {
        emulator.close();
        if (before == null) {
            System.clearProperty(TIMEOUT);
        } else {
            System.setProperty(TIMEOUT, before);
        }
    }
}
