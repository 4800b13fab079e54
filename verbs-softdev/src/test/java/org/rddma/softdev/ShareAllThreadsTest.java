package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Capability;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;

/** Many threads that copy through a region over all memory at a time: no thread sees another's bytes. */
@HangGuard(seconds = 60)
final class ShareAllThreadsTest {
    private static final int THREADS = 24; // more than there are buffers kept
    private static final int ROUNDS = 40;
    private static final int BYTES = 150_000;

    @Test
    void eachThreadFindsItsOwnBytesAndWrongAddressesOfOthersDoNotDisturbIt() throws Exception {
        try (SoftContext context =
                new SoftFabric().addDevice("all0", SoftDeviceOptions.DEFAULT).open()) {
            Assumptions.assumeTrue(context.device().attributes().has(Capability.SHARE_ALL));
            ExecutorService threads = Executors.newFixedThreadPool(THREADS);
            try {
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < THREADS; i++) {
                    int number = i;
                    all.add(threads.submit(() -> {
                        if (number % 4 == 0) {
                            ask(context, 8, WorkCompletionStatus.REM_ACCESS_ERR, number);
                        } else {
                            ask(context, 0, WorkCompletionStatus.SUCCESS, number);
                        }
                    }));
                }
                for (Future<?> one : all) {
                    one.get();
                }
            } finally {
                threads.shutdownNow();
            }
        }
    }

    /** Writes to the own memory, or to an address where nothing is. */
    private static void ask(SoftContext context, long wrong, WorkCompletionStatus expected, int seed) {
        SoftProtectionDomain domain = context.allocateProtectionDomain();
        SoftMemoryRegion all = domain.registerAll(AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE);
        SoftCompletionQueue queue = context.createCompletionQueue(4);
        ByteBuffer from = ByteBuffer.allocateDirect(BYTES);
        ByteBuffer to = ByteBuffer.allocateDirect(BYTES);
        byte[] bytes = new byte[BYTES];
        byte[] arrived = new byte[BYTES];
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            try (SoftQueuePair pair = domain.createQueuePair(new QueuePairInitAttributes().completionQueue(queue))) {
                Endpoint.connect(pair, pair);
                random.nextBytes(bytes);
                from.put(0, bytes);
                SendRequest request = new SendRequest()
                        .flags(SendFlags.SIGNALED)
                        .sge(new ScatterGatherElement().set(all.addressOf(from, 0), BYTES, all.lkey()))
                        .write(wrong == 0 ? all.addressOf(to, 0) : wrong, all.rkey());
                assertThat(pair.postSend(request)).isNull();
                WorkCompletion completion = new WorkCompletion();
                Deadline.await("the completion", () -> queue.poll(completion));
                assertThat(completion.status()).isEqualTo(expected);
                if (expected == WorkCompletionStatus.SUCCESS) {
                    ByteBuffer unused = to.get(0, arrived);
                    assertThat(arrived).isEqualTo(bytes);
                }
            }
        }
    }
}
