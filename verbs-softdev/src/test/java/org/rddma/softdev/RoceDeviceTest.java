package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Context;
import org.rddma.verbs.Device;
import org.rddma.verbs.Errno;
import org.rddma.verbs.GidType;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.PortState;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;
import org.rddma.verbs.conformance.ProcessorTime;

/** How devices on the wire are found, opened, shared and closed, and what they say of themselves. */
@HangGuard
class RoceDeviceTest {
    private static final int EADDRINUSE = 98;
    private static final int EADDRNOTAVAIL = 99;
    private static final String NAME = "roce:127.0.5.11";
    private static final RoceOptions OPTIONS = RoceOptions.of(RoceNames.parse(NAME));

    @AfterEach
    void noList() {
        System.clearProperty(RoceDevices.PROPERTY);
    }

    private static void refused(int errno, String sentence, ThrowingCallable verb) {
        assertThatThrownBy(verb)
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(errno))
                .hasMessageContaining(sentence);
    }

    @Test
    void anyLocalAddressIsOpenedByItsNameWithoutBeingListed() {
        assertThat(Verbs.devices()).extracting(Device::name).doesNotContain(NAME);
        try (Context context = Verbs.open(NAME)) {
            assertThat(context.device().name()).isEqualTo(NAME);
            assertThat(context.device()).isSameAs(SoftDevice.roce(RoceNames.parse(NAME)));
            assertThat(Verbs.device(NAME)).isSameAs(context.device());
        }
        try (SoftContext context = SoftDevice.open(NAME)) {
            assertThat(context.device().name()).isEqualTo(NAME);
        }
    }

    @Test
    void thePropertyListsDevicesBehindThoseOfTheSharedFabric() {
        System.setProperty(RoceDevices.PROPERTY, " 127.0.5.12 ,, 127.0.5.11, 0:0::1,127.0.5.12");

        assertThat(Verbs.devices())
                .extracting(Device::name)
                .containsSubsequence("soft0", "soft1", "roce:127.0.5.12", NAME, "roce:::1")
                .doesNotHaveDuplicates();
        assertThat(Verbs.devices()).contains(Verbs.device(NAME));
    }

    @Test
    void aListThatIsWrongIsTheReasonWhyThereAreNoSoftwareDevices() {
        System.setProperty(RoceDevices.PROPERTY, "127.0.5.11,localhost");

        assertThat(Verbs.providers())
                .filteredOn(status -> status.name().equals("softdev"))
                .singleElement()
                .satisfies(status -> assertThat(status.reason()).contains("there is no address in 'localhost'"));
    }

    @Test
    void whatIsNoAddressOrNoneOfThisHostIsSaidAtOnce() {
        refused(Errno.ENODEV, "there is no address in 'roce:localhost'", () -> Verbs.open("roce:localhost"));
        refused(Errno.ENODEV, "there is no address in 'roce:'", () -> SoftDevice.open("roce:"));
        refused(EADDRNOTAVAIL, "192.0.2.1 is not an address of this host", () -> Verbs.open("roce:192.0.2.1"));
        refused(
                EADDRNOTAVAIL,
                "192.0.2.1 is not an address of this host",
                () -> Verbs.device("roce:192.0.2.1").ports());
        for (String wrong : List.of("0.0.0.0", "::", "224.0.0.1", "ff02::1")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RoceOptions.of(InetAddress.getByName(wrong)))
                    .withMessageContaining("give one that an interface of this host has");
            refused(Errno.ENODEV, "give one that an interface of this host has", () -> Verbs.open("roce:" + wrong));
        }
    }

    @Test
    void contextsShareThePortWhichIsClosedWithTheLast() {
        SoftDevice other = SoftDevice.roce(OPTIONS);
        SoftDevice device = SoftDevice.roce(OPTIONS);
        SoftContext first = device.open();
        SoftContext second = device.open();
        assertThat(first.threads())
                .containsExactlyInAnyOrderElementsOf(second.threads())
                .extracting(Thread::getName)
                .containsExactly(NAME + " receiver");
        Thread receiver = first.threads().get(0);
        first.close();
        first.close();
        refused(EADDRINUSE, "UDP port 4791 of 127.0.5.11 is taken", other::open);
        assertThat(receiver.isAlive()).isTrue();
        second.close();
        assertThat(receiver.isAlive()).isFalse();
        try (SoftContext context = other.open()) {
            refused(EADDRINUSE, "is taken", device::open);
            assertThat(context.queryPort(1).state()).isEqualTo(PortState.ACTIVE);
        }
    }

    @Test
    void theGidIsTheAddressAndNothingIsDeclaredThatNoPacketCarries() {
        SoftDevice device = SoftDevice.roce(OPTIONS);
        try (SoftContext context = device.open()) {
            assertThat(context.queryGidTable()).singleElement().satisfies(entry -> {
                assertThat(entry.gid()).isEqualTo(RoceNames.gid(OPTIONS.address()));
                assertThat(entry.type()).isEqualTo(GidType.ROCE_V2);
                assertThat(entry.index()).isZero();
            });
            assertThat(context.queryGid(1, 1).isZero()).isTrue();
        }
        assertThat(device.attributes().capabilities())
                .contains(Capability.ATOMICS, Capability.DATAGRAM)
                .doesNotContain(Capability.XRC, Capability.WEAK_ORDER, Capability.PATH_MIGRATION);
        assertThat(device.attributes().nodeGuid()).isEqualTo(RoceNames.guid(OPTIONS.address()));
    }

    @Test
    void theMtuIsThatOfTheInterfaceUnlessLessIsAskedFor() {
        assertThat(SoftDevice.roce(OPTIONS).ports().get(0).activeMtu()).isEqualTo(Mtu.MTU_4096); // of the loopback
        SoftDevice less = SoftDevice.roce(OPTIONS.withDevice(OPTIONS.device().withMtu(Mtu.MTU_512)));
        try (SoftContext context = less.open()) {
            assertThat(context.queryPort(1).activeMtu()).isEqualTo(Mtu.MTU_512);
        }
    }

    @Test
    void aRemovedDeviceIsReplacedUnderItsNameOnceItsContextsAreClosed() {
        SoftDevice device = SoftDevice.roce(OPTIONS.address());
        SoftContext context = device.open();
        device.remove();
        refused(Errno.ENODEV, "has been removed", device::open);
        SoftDevice next = SoftDevice.roce(OPTIONS.address());
        assertThat(next).isNotSameAs(device);
        context.close();
        next.open().close();
        next.remove();
    }

    @Test
    void countersAreThereWhileThePortIsOpenAndGrowWithThePackets() {
        try (SoftContext context = SoftDevice.roce(OPTIONS).open()) {
            SoftInspection inspection = context.extension(SoftInspection.class).orElseThrow();
            assertThat(inspection.packetCounters())
                    .containsEntry("sent_pkts", 0L)
                    .containsEntry("rcvd_pkts", 0L)
                    .containsEntry("drop_icrc", 0L)
                    .containsEntry("duplicate_request", 0L);
            context.device().portDown();
            context.device().portDown();
            context.device().portUp();
            assertThat(inspection.packetCounters()).containsEntry("link_downed", 1L);
        }
        try (SoftContext context = SoftDevice.open("soft0")) {
            assertThat(context.extension(SoftInspection.class).orElseThrow().packetCounters())
                    .isEmpty();
        }
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        SoftDeviceOptions weak = SoftDeviceOptions.DEFAULT.withCapabilities(java.util.Set.of(Capability.WEAK_ORDER));
        List<ThrowingCallable> wrong = List.of(
                () -> RoceOptions.of(null),
                () -> OPTIONS.withDevice(null),
                () -> OPTIONS.withDevice(weak),
                () -> OPTIONS.withReceiveCpu(-2),
                () -> OPTIONS.withReceiveCpu(1024),
                () -> OPTIONS.withReceiveBuffer(-1),
                () -> OPTIONS.withReceiveBuffer(65535),
                () -> new RoceFaults(1, -0.1, 0, 0, 1),
                () -> new RoceFaults(1, 0, 1.1, 0, 1),
                () -> new RoceFaults(1, 0, 0, Double.NaN, 1),
                () -> new RoceFaults(1, 0, 0, 0, 0),
                () -> new RoceFaults(1, 0, 0, 0, 257),
                () -> SoftDevice.roce((RoceOptions) null),
                () -> SoftDevice.roce((InetAddress) null));
        for (ThrowingCallable call : wrong) {
            assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
        }
        RoceOptions all = OPTIONS.withPolling(true)
                .withReceiveCpu(0)
                .withReceiveBuffer(1 << 20)
                .withFaults(new RoceFaults(7, 0.01, 0.02, 0.03, 4));
        try (SoftContext context = SoftDevice.roce(all).open()) {
            assertThat(context.queryPort(1).state()).isEqualTo(PortState.ACTIVE);
        }
    }

    @Test
    void theThreadSpinsWhereThePropertySaysSoAndSleepsOtherwise() {
        System.setProperty(RoceDevices.POLLING, "true");
        try (Context spinning = Verbs.open("roce:127.0.5.41")) {
            System.clearProperty(RoceDevices.POLLING);
            try (Context sleeping = Verbs.open("roce:127.0.5.42")) {
                Thread spins = spinning.threads().get(0);
                Thread sleeps = sleeping.threads().get(0);
                long before = ProcessorTime.nanosOf(sleeps);
                Deadline.await("it spins", () -> ProcessorTime.nanosOf(spins) > 100_000_000);
                assertThat(ProcessorTime.nanosOf(sleeps) - before).isLessThan(20_000_000);
            }
        } finally {
            System.clearProperty(RoceDevices.POLLING);
        }
    }

    @Test
    void theThreadIsBoundToTheProcessorThatIsAskedFor() throws IOException {
        RoceOptions bound = RoceOptions.of(RoceNames.parse("127.0.5.43")).withReceiveCpu(0);
        try (SoftContext context = SoftDevice.roce(bound).open()) {
            assertThat(processorsOf("roce:127.0.5.43")).containsExactly("0");
            assertThat(context.threads()).hasSize(1);
        }
    }

    /** Of the threads that are called so, as far as the kernel keeps their names. */
    private static List<String> processorsOf(String name) throws IOException {
        List<String> processors = new ArrayList<>();
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            for (Path task : tasks.toList()) {
                List<String> status = linesOf(task.resolve("status"));
                if (status.contains("Name:\t" + name)) {
                    status.stream()
                            .filter(line -> line.startsWith("Cpus_allowed_list:"))
                            .forEach(line -> processors.add(line.substring(line.indexOf('\t') + 1)));
                }
            }
        }
        return processors;
    }

    private static List<String> linesOf(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) { // its thread has ended meanwhile
            return List.of();
        }
    }

    @Test
    void aHundredTimesOpenedAndClosedLeavesNothing() {
        SoftDevice device = SoftDevice.roce(OPTIONS);
        for (int i = 0; i < 100; i++) {
            device.open().close();
        }
    }
}
