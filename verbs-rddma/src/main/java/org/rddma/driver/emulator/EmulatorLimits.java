package org.rddma.driver.emulator;

record EmulatorLimits(int buffers, long bytes, int locations, int transfers, int binds, int events) {
    static EmulatorLimits defaults() {
        return new EmulatorLimits(1 << 16, 1L << 30, 1 << 12, 1 << 16, 1 << 20, 1 << 20);
    }
}
