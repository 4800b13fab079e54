package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.conformance.HangGuard;

/** A device with small limits: each is reached exactly, and what fails or is closed gives its share back. */
@HangGuard
final class SoftLimitsTest {
    private static final int QUEUE_PAIRS = 3;
    private static final int QUEUES = 4;
    private static final int CHANNELS = 2;
    private static final int REGIONS = 5;
    private static final int DOMAINS = 6;
    private static final int HANDLES = 7;

    private final SoftDevice device = new SoftFabric()
            .addDevice(
                    "small",
                    SoftDeviceOptions.DEFAULT.withLimits(new DeviceLimits(
                            QUEUE_PAIRS,
                            8,
                            2,
                            16,
                            QUEUES,
                            8,
                            CHANNELS,
                            REGIONS,
                            100,
                            DOMAINS,
                            HANDLES,
                            1,
                            1,
                            1000,
                            1,
                            2,
                            8,
                            2,
                            2,
                            2,
                            2,
                            100,
                            100)));

    /** Exactly so many can be made, then ENOMEM; after closing all, the same again, in another context. */
    private static void reached(int limit, String verb, Supplier<? extends AutoCloseable> maker) throws Exception {
        for (int round = 0; round < 3; round++) {
            List<AutoCloseable> made = new ArrayList<>();
            for (int i = 0; i < limit; i++) {
                made.add(maker.get());
            }
            refused(verb, Errno.ENOMEM, maker::get);
            refused(verb, Errno.ENOMEM, maker::get);
            made.remove(0).close();
            made.add(maker.get());
            refused(verb, Errno.ENOMEM, maker::get);
            for (AutoCloseable object : made) {
                object.close();
                object.close();
            }
        }
    }

    private void allLimits(Context context) throws Exception {
        reached(DOMAINS, "allocateProtectionDomain", context::allocateProtectionDomain);
        reached(CHANNELS, "createCompletionChannel", context::createCompletionChannel);
        reached(QUEUES, "createCompletionQueue", () -> context.createCompletionQueue(1));
        ProtectionDomain domain = context.allocateProtectionDomain();
        CompletionQueue queue = context.createCompletionQueue(1);
        reached(REGIONS, "allocateMemory", () -> domain.allocateMemory(8, 0));
        reached(
                HANDLES,
                "createAddressHandle",
                () -> domain.createAddressHandle(AddressVector.to(context.queryGid(1, 0))));
        reached(
                QUEUE_PAIRS,
                "createQueuePair",
                () -> domain.createQueuePair(new QueuePairInitAttributes().completionQueue(queue)));
        queue.close();
        domain.close();
    }

    @Test
    @DisplayName("§3 every limit is reached exactly (ENOMEM), and closing gives the share back")
    void limits() throws Exception {
        try (Context context = device.open()) {
            allLimits(context);
        }
    }

    @Test
    @DisplayName("a parent domain has no share in the limit of protection domains, and gives none back")
    void parentDomains() throws Exception {
        try (Context context = device.open()) {
            ProtectionDomain below = context.allocateProtectionDomain();
            for (int i = 0; i <= DOMAINS; i++) {
                context.allocateParentDomain(below, null).close();
                ProtectionDomain unused = context.allocateParentDomain(below, null);
            }
            reached(DOMAINS - 1, "allocateProtectionDomain", context::allocateProtectionDomain);
        }
    }

    @Test
    @DisplayName("§3 what fails to be created takes no share: closed, foreign, busy or wrong arguments")
    void failuresTakeNoShare() throws Exception {
        try (Context context = device.open();
                Context other = device.open()) {
            ProtectionDomain domain = context.allocateProtectionDomain();
            CompletionQueue open = context.createCompletionQueue(1);
            CompletionQueue closed = context.createCompletionQueue(1);
            CompletionChannel closedChannel = context.createCompletionChannel();
            ProtectionDomain closedDomain = context.allocateProtectionDomain();
            closed.close();
            closedChannel.close();
            closedDomain.close();
            for (int i = 0; i < 10; i++) {
                refused(
                        "createQueuePair",
                        Errno.EBADF,
                        () -> domain.createQueuePair(new QueuePairInitAttributes()
                                .sendCompletionQueue(open)
                                .receiveCompletionQueue(closed)));
                refused(
                        "createQueuePair",
                        Errno.EINVAL,
                        () -> domain.createQueuePair(new QueuePairInitAttributes()
                                .completionQueue(open)
                                .maxSendElements(3)));
                refused(
                        "createCompletionQueue",
                        Errno.EBADF,
                        () -> context.createCompletionQueue(new CompletionQueueAttributes().channel(closedChannel)));
                refused("createCompletionQueue", Errno.EINVAL, () -> context.createCompletionQueue(9));
                refused("allocateMemory", Errno.EBADF, () -> closedDomain.allocateMemory(8, 0));
                refused("allocateMemory", Errno.EINVAL, () -> domain.allocateMemory(8, AccessFlags.REMOTE_WRITE));
                refused("createAddressHandle", Errno.EINVAL, () -> domain.createAddressHandle(null));
                refused("createQueuePair", Errno.EBADF, () -> {
                    domain.createQueuePair(new QueuePairInitAttributes().completionQueue(closed));
                });
            }
            open.close();
            domain.close();
            assertThat(other.threads()).isEmpty();
            allLimits(other);
        }
    }

    @Test
    @DisplayName("§3 a region larger than the device allows is refused (EINVAL), however its memory comes about")
    void regionSize() {
        try (Context context = device.open()) {
            ProtectionDomain domain = context.allocateProtectionDomain();
            ByteBuffer buffer = ByteBuffer.allocateDirect(200);
            assertThat(domain.registerMemory(buffer, 0, 100, 0).length()).isEqualTo(100);
            refused("registerMemory", Errno.EINVAL, () -> domain.registerMemory(buffer, 0, 101, 0));
            refused("registerMemory", Errno.EINVAL, () -> domain.registerMemory(buffer, 0));
            assertThat(domain.allocateMemory(100, 0).length()).isEqualTo(100);
            refused("allocateMemory", Errno.EINVAL, () -> domain.allocateMemory(101, 0));
        }
    }

    @Test
    @DisplayName("§3 closing a context gives back the shares of all that was in it")
    void contextGivesBack() throws Exception {
        for (int round = 0; round < 5; round++) {
            Context context = device.open();
            ProtectionDomain domain = context.allocateProtectionDomain();
            CompletionChannel channel = context.createCompletionChannel();
            CompletionQueue queue = context.createCompletionQueue(new CompletionQueueAttributes().channel(channel));
            for (int i = 0; i < QUEUE_PAIRS; i++) {
                assertThat(domain.createQueuePair(new QueuePairInitAttributes().completionQueue(queue)))
                        .isNotNull();
            }
            for (int i = 0; i < REGIONS; i++) {
                assertThat(domain.allocateMemory(8, 0)).isNotNull();
            }
            context.close();
        }
        try (Context context = device.open()) {
            allLimits(context);
        }
    }
}
