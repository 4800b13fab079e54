package org.rddma.driver.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.rddma.driver.emulator.EmulatorOptions;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AsyncEvent;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Device;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryWindowType;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.conformance.Completions;
import org.rddma.verbs.conformance.HangGuard;

/** Devices: which there are, what they can do, and who reaches whom. */
@HangGuard(seconds = 60)
final class RddmaDeviceTest {
    private static final int PATIENT = 10_000;

    @Test
    void withoutAPathThereAreTwoDevicesAndEachPathIsOneElse() {
        assertThat(RddmaProvider.devices("")).extracting(Device::name).containsExactly("rddma0", "rddma1");
        assertThat(RddmaProvider.devices("/dev/rddma, /run/driver.socket,"))
                .extracting(Device::name)
                .containsExactly("rddma0", "rddma1");
        assertThat(RddmaProvider.devices("/dev/rddma")).extracting(Device::name).containsExactly("rddma0");
        assertThat(RddmaProvider.devices("/dev/rddma")).isSameAs(RddmaProvider.devices("/dev/rddma"));
        assertThat(new RddmaProvider().devices())
                .allSatisfy(device -> assertThat(device.provider()).isEqualTo(RddmaProvider.NAME));
    }

    @Test
    void theSameDriverHasTheSameAddressWhereverItIsListed() {
        List<RddmaDevice> here = RddmaProvider.devices("/tmp/a,/tmp/b");
        List<RddmaDevice> there = RddmaProvider.devices("/tmp/../tmp/b");
        assertThat(there.get(0).gid())
                .isEqualTo(here.get(1).gid())
                .isNotEqualTo(here.get(0).gid());
    }

    @Test
    void itIsChosenAfterDevicesThatNeedNoDriverAndSaysWhatIsFree() {
        RddmaDevice device = RddmaDevice.embedded("choice0");
        assertThat(device.priority()).isEqualTo(60);
        assertThat(device.numaNode()).isEqualTo(-1);
        int pairs = device.freeQueuePairs();
        int queues = device.freeCompletionQueues();
        assertThat(pairs).isEqualTo(device.attributes().limits().maxQueuePairs());
        assertThat(queues).isEqualTo(device.attributes().limits().maxCompletionQueues());
        try (RddmaContext context = device.open()) {
            assertThat(device.ports()).containsExactly(context.queryPort(1));
            var queue = context.createCompletionQueue(1);
            var unused = context.allocateProtectionDomain()
                    .createQueuePair(new QueuePairInitAttributes().completionQueue(queue));
            assertThat(device.freeQueuePairs()).isEqualTo(pairs - 1);
            assertThat(device.freeCompletionQueues()).isEqualTo(queues - 1);
        }
        assertThat(device.freeQueuePairs()).isEqualTo(pairs);
        assertThat(device.freeCompletionQueues()).isEqualTo(queues);
    }

    @Test
    void aDriverThatIsNotThereCannotBeOpened() {
        VerbsException refusal = catchThrowableOfType(
                VerbsException.class,
                () -> RddmaDevice.at("nowhere", "/nonexistent/rddma").open());
        assertThat(refusal.errno()).isEqualTo(Errno.ENOENT);
        refusal = catchThrowableOfType(VerbsException.class, () -> RddmaDevice.open("rddma99"));
        assertThat(refusal.errno()).isEqualTo(Errno.ENODEV);
    }

    @Test
    void whatHasNoCounterpartIsDeclaredAndRefused() {
        try (RddmaContext context = RddmaDevice.embedded("rddma0").open()) {
            assertThat(context.device().attributes().capabilities())
                    .containsExactlyInAnyOrder(
                            Capability.RDMA_READ,
                            Capability.RESIZE_COMPLETION_QUEUE,
                            Capability.MODERATION,
                            Capability.COMPLETION_TIMESTAMP,
                            Capability.WALLCLOCK_TIMESTAMP,
                            Capability.SINGLE_THREADED,
                            Capability.IGNORE_OVERRUN);
            RddmaProtectionDomain domain = context.allocateProtectionDomain();
            RddmaCompletionQueue queue = context.createCompletionQueue(4);
            Runnable[] verbs = {
                () -> domain.createAddressHandle(null),
                () -> domain.createSharedReceiveQueue(new SharedReceiveQueueAttributes()),
                () -> domain.allocateMemoryWindow(MemoryWindowType.TYPE_1),
                () -> domain.allocateMemory(8, AccessFlags.ZERO_BASED),
                () -> domain.createQueuePair(new QueuePairInitAttributes()
                        .type(QueuePairType.UD)
                        .sendCompletionQueue(queue)
                        .receiveCompletionQueue(queue)),
                context::openXrcDomain,
                context::allocateThreadDomain,
            };
            for (Runnable verb : verbs) {
                assertThat(catchThrowableOfType(VerbsException.class, verb::run).errno())
                        .isEqualTo(Errno.EOPNOTSUPP);
            }
        }
    }

    @Test
    void contextsOfTwoDevicesReachEachOther() {
        try (Side a = new Side(RddmaDevice.open("rddma0"));
                Side b = new Side(RddmaDevice.open("rddma1"))) {
            assertThat(a.context.queryGid(1, 0)).isNotEqualTo(b.context.queryGid(1, 0));
            Endpoint.connect(a.pair, b.pair);
            byte[] sent = a.fill(0, 4000, 1);
            b.receive(1, 8192, 4096);
            a.post(a.request(2, 0, 4000));
            assertThat(Completions.success(b.receives, 1, WorkCompletionOpcode.RECV)
                            .byteLength())
                    .isEqualTo(4000);
            Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
            assertThat(b.bytes(8192, 4000)).isEqualTo(sent);
            a.post(a.request(3, 0, 100).write(b.address(100), b.memory.rkey()));
            Completions.success(a.sends, 3, WorkCompletionOpcode.RDMA_WRITE);
            assertThat(b.bytes(100, 100)).isEqualTo(a.bytes(0, 100));
            byte[] there = b.fill(0, 30_000, 5);
            a.post(a.request(4, 20_000, 30_000).read(b.address(0), b.memory.rkey()));
            Completions.success(a.sends, 4, WorkCompletionOpcode.RDMA_READ);
            assertThat(a.bytes(20_000, 30_000)).isEqualTo(there);
        }
    }

    @Test
    void aDriverThatEndsIsADeviceThatIsUnplugged() {
        OwnDriver driver = new OwnDriver(EmulatorOptions.defaults(), PATIENT);
        try (Side a = driver.side("own0")) {
            Endpoint.connect(a.pair, a.pair);
            a.receive(1, 0, 8);
            driver.close();
            AsyncEvent event = a.context.asyncEvents().getEvent();
            assertThat(event.type()).isEqualTo(AsyncEventType.DEVICE_FATAL);
            event.acknowledge();
            VerbsException refusal =
                    catchThrowableOfType(VerbsException.class, () -> a.domain.allocateMemory(8, Side.ALL_RIGHTS));
            assertThat(refusal.errno()).isEqualTo(Errno.EIO);
        }
    }
}
