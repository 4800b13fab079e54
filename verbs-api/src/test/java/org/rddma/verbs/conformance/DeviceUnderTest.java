package org.rddma.verbs.conformance;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Context;
import org.rddma.verbs.Gid;
import org.rddma.verbs.Verbs;

/** What a suite must know of the provider that it tests. */
public interface DeviceUnderTest {
    /** The name of the device. */
    String device();

    /** The name of another device on the same fabric. */
    String otherDevice();

    /** What the names of all threads begin with that the provider starts. */
    String threadPrefix();

    /** How long after a post something may still happen of which the test says that it must not. */
    Duration settleTime();

    /** Whether the device declares that it can do something. What it does not declare must fail with EOPNOTSUPP. */
    default boolean has(Capability capability) {
        try (Context context = open()) {
            return context.device().attributes().has(capability);
        }
    }

    /**
     * Whether work is done before the post returns, in the poster's thread, without a system call and without a thread of
     * the context's own. Where it is not, the suites wait for completions, and leave out what is only so then.
     */
    default boolean completesInPost() {
        return true;
    }

    /**
     * Whether something stands between the verbs and the device, such as a layer of tracing, that makes garbage and waits in
     * ways of its own. What only the device's own objects promise is left out then.
     */
    default boolean isBehindLayer() {
        return false;
    }

    /** How long a peer's answer is waited for where a test does not care: as in the verbs, 8 is about a millisecond. */
    default int answerTimeout() {
        return 8;
    }

    /** How often a request is sent again where a test does not care. */
    default int answerRetries() {
        return 2;
    }

    /** Whether a request may be begun while those before it still wait for their answers. */
    default boolean sendsAhead() {
        return false;
    }

    /** Whether a receiver can tell from which queue pair of its peer's port a request comes: packets do not say so. */
    default boolean knowsSender() {
        return true;
    }

    /** Whether a datagram's flow label and service level reach its receiver: over some networks they do not. */
    default boolean keepsFlowAndLevel() {
        return true;
    }

    /** A multicast group that the devices can be in. */
    default Gid group(long number) {
        return new Gid(0xFF0E_0000_0000_0000L, number);
    }

    /** Whether a suite that connects two ends has the second on the other device rather than on the same. */
    default boolean pairsAcrossDevices() {
        return false;
    }

    /** Whether the other device is in this process, and with it the descriptors of its channels. */
    default boolean isOtherInThisProcess() {
        return true;
    }

    /** New memory, which both devices can register, and the test can see. */
    default ByteBuffer memory(int bytes) {
        return ByteBuffer.allocateDirect(bytes);
    }

    /** How many operations a test of load is to make, where a device in memory would make so many in a second or two. */
    default int load(int operations) {
        return operations;
    }

    /** How many programs a property is to try, where it would try so many on a device in memory. */
    default int tries(int programs) {
        return programs;
    }

    /**
     * Whether the network may lose a peer's last word: who has refused a request is in the error state and does not say so
     * again, and its sender is told that it is gone.
     */
    default boolean mayLoseRefusals() {
        return false;
    }

    /** Opens the device. */
    default Context open() {
        return Verbs.open(device());
    }

    /** Opens the other device. */
    default Context openOther() {
        return Verbs.open(otherDevice());
    }

    /**
     * How to make something happen to the device. Where it can be removed, every test instance has devices of its own.
     *
     * @return empty when the provider cannot
     */
    default Optional<DeviceFaults> faults() {
        return Optional.empty();
    }
}
