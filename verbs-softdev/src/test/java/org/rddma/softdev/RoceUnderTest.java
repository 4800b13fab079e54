package org.rddma.softdev;

import java.time.Duration;
import java.util.Optional;
import org.rddma.verbs.Context;
import org.rddma.verbs.Gid;
import org.rddma.verbs.conformance.DeviceFaults;
import org.rddma.verbs.conformance.DeviceUnderTest;

/** Two devices on the wire, in this process: everything happens a little after a post. */
interface RoceUnderTest extends DeviceUnderTest {
    /** About 134 milliseconds: other work on this machine must not look like a peer that is gone. */
    int ANSWER_TIMEOUT = 15;

    /** Together about a second, for the same reason. */
    int ANSWER_RETRIES = 7;

    /** How much of a load remains: each message is two system calls and a wake-up at least. */
    int PART = 100;

    /** What part of the programs of a property remains, for the same reason. */
    int FEW = 4;

    /** First of the addresses 239.0.0.0 to 239.255.255.255, IPv4-mapped. */
    long FIRST_GROUP = 0xFFFF_EF00_0000L;

    /** The largest prime number of 24 bits: numbers that differ in few bits leave different remainders. */
    int GROUPS = 0xFF_FFFD;

    /** The same every time. */
    RocePair devices();

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
        return "roce:";
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
    default int answerTimeout() {
        return ANSWER_TIMEOUT;
    }

    @Override
    default int answerRetries() {
        return ANSWER_RETRIES;
    }

    @Override
    default boolean sendsAhead() {
        return true;
    }

    @Override
    default boolean knowsSender() {
        return false;
    }

    @Override
    default boolean keepsFlowAndLevel() {
        return false;
    }

    @Override
    default Gid group(long number) {
        return new Gid(0, FIRST_GROUP + Long.remainderUnsigned(number, GROUPS));
    }

    @Override
    default boolean pairsAcrossDevices() {
        return true;
    }

    @Override
    default int load(int operations) {
        return Math.max(1, operations / PART);
    }

    @Override
    default int tries(int programs) {
        return programs / FEW;
    }

    @Override
    default Optional<DeviceFaults> faults() {
        return Optional.of(devices());
    }
}
