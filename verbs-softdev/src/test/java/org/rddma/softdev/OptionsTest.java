package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.app.Endpoint;

@Timeout(60)
class OptionsTest {
    private static final DeviceLimits TWO_OF_EACH =
            new DeviceLimits(2, 8, 2, 32, 2, 16, 2, 2, 4096, 2, 2, 4, 4, 1L << 31, 1, 2, 8, 2, 2, 2, 2, 100, 100);

    private static SoftContext open(SoftDeviceOptions options) {
        return new SoftFabric().addDevice("own0", options).open();
    }

    @Test
    @DisplayName("each limit of a device is met with ENOMEM, and closing one object makes room for one")
    void limits() {
        try (SoftContext context = open(SoftDeviceOptions.DEFAULT.withLimits(TWO_OF_EACH))) {
            SoftProtectionDomain domain = context.allocateProtectionDomain();
            SoftCompletionQueue queue = context.createCompletionQueue(1);
            AddressVector vector = AddressVector.to(context.queryGid(1, 0));
            ByteBuffer buffer = ByteBuffer.allocateDirect(64);
            fills(1, context::allocateProtectionDomain);
            fills(1, () -> context.createCompletionQueue(1));
            fills(2, context::createCompletionChannel);
            fills(2, () -> domain.registerMemory(buffer, 0));
            fills(2, () -> domain.createAddressHandle(vector));
            fills(2, () -> domain.createQueuePair(new QueuePairInitAttributes().completionQueue(queue)));
        }
    }

    private interface Maker {
        AutoCloseable make();
    }

    private static void fills(int room, Maker maker) {
        List<AutoCloseable> made = new ArrayList<>();
        for (int i = 0; i < room; i++) {
            made.add(maker.make());
        }
        fails(Errno.ENOMEM, maker::make);
        try {
            made.get(0).close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        assertThat(maker.make()).isNotNull();
        fails(Errno.ENOMEM, maker::make);
    }

    @Test
    @DisplayName("each size is refused beyond the device's limit with EINVAL")
    void sizes() {
        try (SoftContext context = open(SoftDeviceOptions.DEFAULT.withLimits(TWO_OF_EACH))) {
            SoftProtectionDomain domain = context.allocateProtectionDomain();
            SoftCompletionQueue queue = context.createCompletionQueue(16);
            fails(Errno.EINVAL, () -> context.createCompletionQueue(17));
            fails(Errno.EINVAL, () -> domain.registerMemory(ByteBuffer.allocateDirect(4097), 0));
            fails(Errno.EINVAL, () -> domain.createQueuePair(sized(queue).maxSendRequests(9)));
            fails(Errno.EINVAL, () -> domain.createQueuePair(sized(queue).maxReceiveRequests(9)));
            fails(Errno.EINVAL, () -> domain.createQueuePair(sized(queue).maxSendElements(3)));
            fails(Errno.EINVAL, () -> domain.createQueuePair(sized(queue).maxReceiveElements(3)));
            fails(Errno.EINVAL, () -> domain.createQueuePair(sized(queue).maxInlineData(33)));
        }
    }

    private static QueuePairInitAttributes sized(SoftCompletionQueue queue) {
        return new QueuePairInitAttributes().completionQueue(queue);
    }

    private static void fails(int errno, ThrowingCallable call) {
        assertThat(catchThrowableOfType(VerbsException.class, call).errno()).isEqualTo(errno);
    }

    @Test
    @DisplayName("vectors with threads deliver events from their own named threads, which end with the context")
    void vectorThreads() throws Exception {
        List<Thread> threads;
        try (SoftContext context = open(SoftDeviceOptions.DEFAULT.withVectors(3, true))) {
            assertThat(context.threads()).isEmpty();
            SoftProtectionDomain domain = context.allocateProtectionDomain();
            SoftCompletionChannel channel = context.createCompletionChannel();
            for (int vector = 0; vector < 3; vector++) {
                SoftCompletionQueue queue = context.createCompletionQueue(
                        new CompletionQueueAttributes().channel(channel).vector(vector));
                SoftQueuePair pair = domain.createQueuePair(sized(queue));
                Endpoint.connect(pair, pair);
                assertThat(queue.requestNotify(NotificationType.ANY)).isFalse();
                assertThat(pair.postReceive(new ReceiveRequest())).isNull();
                assertThat(pair.postSend(new SendRequest().send())).isNull();
                assertThat(channel.getEvent(10, TimeUnit.SECONDS)).isSameAs(queue);
                queue.ackEvents(1);
                assertThat(queue.vector().eventsRaised()).isEqualTo(1);
            }
            threads = context.threads();
            assertThat(threads).extracting(Thread::getName).allMatch(name -> name.contains("own0"));
            assertThat(threads).hasSize(3);
        }
        assertThat(threads).noneMatch(Thread::isAlive);
    }

    @Test
    @DisplayName("a device with a small MTU says so, and refuses a larger path MTU")
    void mtu() {
        try (SoftContext context = open(SoftDeviceOptions.DEFAULT.withMtu(Mtu.MTU_512))) {
            assertThat(context.queryPort(1).activeMtu()).isEqualTo(Mtu.MTU_512);
            SoftQueuePair pair =
                    context.allocateProtectionDomain().createQueuePair(sized(context.createCompletionQueue(1)));
            pair.modify(new QueuePairAttributes()
                    .state(QueuePairState.INIT)
                    .pkeyIndex(0)
                    .port(1)
                    .accessFlags(0));
            QueuePairAttributes toReceive = new QueuePairAttributes()
                    .state(QueuePairState.RTR)
                    .addressVector(AddressVector.to(context.queryGid(1, 0)))
                    .destinationQueuePair(pair.number())
                    .rqPsn(0)
                    .maxDestReadAtomic(1)
                    .minRnrTimer(1);
            fails(Errno.EINVAL, () -> pair.modify(toReceive.pathMtu(Mtu.MTU_1024)));
            assertThat(pair.state()).isEqualTo(QueuePairState.INIT);
            pair.modify(toReceive.pathMtu(Mtu.MTU_512));
            assertThat(pair.state()).isEqualTo(QueuePairState.RTR);
        }
    }

    @Test
    @DisplayName("fabrics are apart: names may repeat, and a name is taken once on each")
    void fabrics() {
        SoftFabric fabric = new SoftFabric();
        assertThat(fabric.addDevice("soft0", SoftDeviceOptions.DEFAULT).fabric())
                .isSameAs(fabric);
        assertThat(fabric.devices()).hasSize(1);
        assertThatThrownBy(() -> fabric.addDevice("soft0", SoftDeviceOptions.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
