package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryWindowBind;
import org.rddma.verbs.MemoryWindowType;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;

/** Two queue pairs, each run by a thread, bind one window here and there. */
@HangGuard(seconds = 120)
final class WindowRaceTest {
    private static final int RIGHTS = AccessFlags.LOCAL_WRITE | AccessFlags.MW_BIND;
    private static final int ROUNDS = 3_000;

    private static boolean isBusy(SoftMemoryRegion region) {
        try {
            region.close();
            return false;
        } catch (VerbsException e) {
            assertThat(e.errno()).isEqualTo(Errno.EBUSY);
            return true;
        }
    }

    @Test
    @DisplayName("§2.6 whichever bind comes last: the region that the window shows cannot be closed, the other can")
    void bindsInTwoThreads() throws Throwable {
        try (SoftContext context = SoftDevice.open("soft0")) {
            SoftProtectionDomain domain = context.allocateProtectionDomain();
            SoftCompletionQueue queue = context.createCompletionQueue(64);
            SoftQueuePair[] pairs = new SoftQueuePair[2];
            for (int i = 0; i < 2; i++) {
                pairs[i] = domain.createQueuePair(
                        new QueuePairInitAttributes().completionQueue(queue).signalAll(true));
                Endpoint.connect(pairs[i], pairs[i]);
            }
            for (int round = 0; round < ROUNDS; round++) {
                SoftMemoryRegion[] regions = {domain.allocateMemory(64, RIGHTS), domain.allocateMemory(64, RIGHTS)};
                SoftMemoryWindow window = domain.allocateMemoryWindow(MemoryWindowType.TYPE_1);
                bind(pairs[0], window, regions[0]);
                CountDownLatch start = new CountDownLatch(2);
                Deadline.Running other = Deadline.start("binds", () -> {
                    start.countDown();
                    start.await();
                    bind(pairs[1], window, regions[1]);
                });
                start.countDown();
                start.await();
                bind(pairs[0], window, regions[1]);
                bind(pairs[0], window, regions[0]);
                other.join();
                boolean first = isBusy(regions[0]);
                boolean second = isBusy(regions[1]);
                assertThat(first ^ second)
                        .as("exactly one of the regions is shown (first %s, second %s)", first, second)
                        .isTrue();
                window.close();
                regions[0].close();
                regions[1].close();
                int unused = queue.poll(
                        completion -> assertThat(completion.isSuccess()).isTrue(), 64);
            }
        }
    }

    @Test
    @DisplayName("§2.6 a window that is bound again to the region that it shows still holds it")
    void boundAgain() {
        try (SoftContext context = SoftDevice.open("soft0")) {
            SoftProtectionDomain domain = context.allocateProtectionDomain();
            SoftCompletionQueue queue = context.createCompletionQueue(8);
            SoftQueuePair pair = domain.createQueuePair(new QueuePairInitAttributes().completionQueue(queue));
            Endpoint.connect(pair, pair);
            SoftMemoryRegion region = domain.allocateMemory(64, RIGHTS);
            SoftMemoryWindow window = domain.allocateMemoryWindow(MemoryWindowType.TYPE_1);
            bind(pair, window, region);
            bind(pair, window, region);
            assertThat(isBusy(region)).isTrue();
            window.close();
            region.close();
        }
    }

    private static void bind(SoftQueuePair pair, SoftMemoryWindow window, SoftMemoryRegion region) {
        assertThat(pair.bindMemoryWindow(
                        window, new MemoryWindowBind().show(region, region.address(), 64, AccessFlags.REMOTE_READ)))
                .isTrue();
    }
}
