package org.rddma.verbs.conformance;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.rddma.verbs.Context;
import org.rddma.verbs.Gid;

/** A suite inside a class that has many of them: the device is that of the class. */
interface PartOfAll extends DeviceUnderTest {
    /** Who knows the device. */
    DeviceUnderTest all();

    @Override
    default String device() {
        return all().device();
    }

    @Override
    default String otherDevice() {
        return all().otherDevice();
    }

    @Override
    default String threadPrefix() {
        return all().threadPrefix();
    }

    @Override
    default Duration settleTime() {
        return all().settleTime();
    }

    @Override
    default boolean completesInPost() {
        return all().completesInPost();
    }

    @Override
    default boolean isBehindLayer() {
        return all().isBehindLayer();
    }

    @Override
    default int answerTimeout() {
        return all().answerTimeout();
    }

    @Override
    default int answerRetries() {
        return all().answerRetries();
    }

    @Override
    default boolean sendsAhead() {
        return all().sendsAhead();
    }

    @Override
    default boolean knowsSender() {
        return all().knowsSender();
    }

    @Override
    default boolean keepsFlowAndLevel() {
        return all().keepsFlowAndLevel();
    }

    @Override
    default Gid group(long number) {
        return all().group(number);
    }

    @Override
    default int load(int operations) {
        return all().load(operations);
    }

    @Override
    default Context open() {
        return all().open();
    }

    @Override
    default boolean pairsAcrossDevices() {
        return all().pairsAcrossDevices();
    }

    @Override
    default boolean isOtherInThisProcess() {
        return all().isOtherInThisProcess();
    }

    @Override
    default ByteBuffer memory(int bytes) {
        return all().memory(bytes);
    }

    @Override
    default int tries(int programs) {
        return all().tries(programs);
    }

    @Override
    default boolean mayLoseRefusals() {
        return all().mayLoseRefusals();
    }

    @Override
    default Context openOther() {
        return all().openOther();
    }

    @Override
    default Optional<DeviceFaults> faults() {
        return all().faults();
    }
}
