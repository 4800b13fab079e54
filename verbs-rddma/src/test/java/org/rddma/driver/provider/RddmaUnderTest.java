package org.rddma.driver.provider;

import java.time.Duration;
import org.rddma.verbs.conformance.DeviceUnderTest;

/** The device over the emulator in this process: everything happens a little after a post. */
interface RddmaUnderTest extends DeviceUnderTest {
    /** How many operations a load has here, of a million elsewhere: each is several system calls and wake-ups. */
    int PART = 100;

    /** What part of the programs of a property remains: each of their steps is several commands. */
    int FEW = 4;

    @Override
    default String device() {
        return "rddma0";
    }

    @Override
    default String otherDevice() {
        return "rddma1";
    }

    @Override
    default String threadPrefix() {
        return "rddma";
    }

    @Override
    default Duration settleTime() {
        return Duration.ofMillis(20);
    }

    @Override
    default boolean completesInPost() {
        return false;
    }

    @Override
    default int load(int operations) {
        return Math.max(1, operations / PART);
    }

    @Override
    default int tries(int programs) {
        return programs / FEW;
    }
}
