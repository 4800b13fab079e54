package org.rddma.driver.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.rddma.driver.emulator.EmulatorOptions;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.conformance.Completions;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;

/** What a driver can do wrong, and what work requests say of it. */
@HangGuard(seconds = 60)
final class RddmaFaultTest {
    private static final int IMPATIENT = 1_500;
    private static final int PATIENT = 10_000;

    @Test
    void aCopyThatFailsEndsWithRetriesExceededAndTheRestIsFlushed() {
        try (OwnDriver driver = new OwnDriver(EmulatorOptions.defaults(), PATIENT);
                Side a = driver.side("own0");
                Side b = driver.side("own1")) {
            Endpoint.connect(a.pair, b.pair);
            SendRequest write = a.request(1, 0, 64).write(b.address(0), b.memory.rkey());
            a.post(write);
            Completions.success(a.sends, 1, WorkCompletionOpcode.RDMA_WRITE);
            driver.emulator.failTransfers(1);
            a.post(write.wrId(2).next(a.request(3, 0, 8)));
            Completions.failure(a.sends, 2, WorkCompletionStatus.RETRY_EXC_ERR);
            Completions.failure(a.sends, 3, WorkCompletionStatus.WR_FLUSH_ERR);
            assertThat(a.pair.state()).isEqualTo(QueuePairState.ERR);
            assertThat(b.pair.state()).isEqualTo(QueuePairState.RTS);
            reconnect(a, b);
            a.post(write.wrId(4).next(null));
            Completions.success(a.sends, 4, WorkCompletionOpcode.RDMA_WRITE);
        }
    }

    @Test
    void whenTheDriverIsStillAtWorkOnAllBindsNoneIsUsedAgain() {
        try (OwnDriver driver = new OwnDriver(EmulatorOptions.defaults(), IMPATIENT);
                Side a = driver.side("own0");
                Side b = driver.side("own1")) {
            Endpoint.connect(a.pair, b.pair);
            a.post(a.request(1, 0, 64).write(b.address(0), b.memory.rkey())); // from now on it has a transfer
            Completions.success(a.sends, 1, WorkCompletionOpcode.RDMA_WRITE);
            BindCache binds = new BindCache(a.context.session(), a.pair.number());
            CopyPlan plan = new CopyPlan(1);
            long region = (long) a.context.number() << 32 | Integer.toUnsignedLong(a.memory.rkey());
            plan.add(region, 0, region, 64, 8);
            for (int i = 0; i < BindCache.MOST; i++) {
                BindSet made = binds.make(plan);
                assertThat(made).as("%s", binds.lastRefusal()).isNotNull();
                binds.abandon(made);
            }
            assertThat(binds.make(plan)).isNull();
            assertThat(binds.lastRefusal()).isEqualTo(-Errno.EAGAIN);
        }
    }

    @Test
    void aBellThatFailsHasRungAllTheSame() {
        try (OwnDriver driver = new OwnDriver(EmulatorOptions.defaults(), PATIENT);
                Side a = driver.side("own0");
                Side b = driver.side("own1")) {
            Endpoint.connect(a.pair, b.pair);
            for (int i = 0; i < 10; i++) {
                b.receive(i, 0, 8);
                driver.emulator.failTransfers(1);
                a.post(a.request(i, 0, 0)); // nothing moves but the bell
                Completions.success(b.receives, i, WorkCompletionOpcode.RECV);
                Completions.success(a.sends, i, WorkCompletionOpcode.SEND);
            }
        }
    }

    @Test
    void aDriverThatDoesNotAnswerEndsWithRetriesExceededAndItsLateReplyHurtsNobody() {
        AtomicReference<FilteredFile> file = new AtomicReference<>();
        try (OwnDriver driver = new OwnDriver(EmulatorOptions.defaults(), IMPATIENT)) {
            RddmaDevice device = RddmaDevice.of("own0", () -> {
                file.set(new FilteredFile(driver.emulator.open(true)));
                return file.get();
            });
            try (Side a = new Side(device.open());
                    Side b = driver.side("own1")) {
                Endpoint.connect(a.pair, b.pair);
                SendRequest write = a.request(1, 0, 64).write(b.address(0), b.memory.rkey());
                a.post(write);
                Completions.success(a.sends, 1, WorkCompletionOpcode.RDMA_WRITE);
                file.get().hold(text -> text.startsWith("event_start") && text.contains("_b"));
                long start = System.nanoTime();
                a.post(write.wrId(2).next(a.request(3, 0, 8)));
                Completions.failure(a.sends, 2, WorkCompletionStatus.RETRY_EXC_ERR);
                Completions.failure(a.sends, 3, WorkCompletionStatus.WR_FLUSH_ERR);
                assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(IMPATIENT * 1_000_000L);
                assertThat(file.get().heldBack()).isEqualTo(1);
                reconnect(a, b);
                a.post(write.wrId(4).next(null));
                Deadline.await("the next is held back too", () -> file.get().heldBack() == 2);
                file.get().releaseFirst(); // its reply comes now, and is not the next one's
                Completions.none(Duration.ofMillis(50), a.sends);
                file.get().releaseFirst();
                Completions.success(a.sends, 4, WorkCompletionOpcode.RDMA_WRITE);
            }
        }
    }

    @Test
    void afterARegionIsClosedItsMemoryIsNotTouchedAnyMore() throws Throwable {
        try (OwnDriver driver = new OwnDriver(EmulatorOptions.defaults(), PATIENT);
                Side a = driver.side("own0");
                Side b = driver.side("own1")) {
            for (int round = 0; round < 30; round++) {
                ByteBuffer own = ByteBuffer.allocateDirect(1 << 14);
                RddmaMemoryRegion region = b.domain.registerMemory(own, Side.ALL_RIGHTS);
                long address = region.address();
                int key = region.rkey();
                reconnect(a, b);
                memoryOf(a, (byte) 1);
                AtomicBoolean begun = new AtomicBoolean();
                Deadline.Running writer = Deadline.start("writes", () -> {
                    WorkCompletion completion;
                    do {
                        a.post(a.request(1, 0, own.capacity()).write(address, key));
                        completion = Completions.next(a.sends);
                        begun.set(true);
                    } while (completion.isSuccess());
                    assertThat(completion.status()).isEqualTo(WorkCompletionStatus.REM_ACCESS_ERR);
                });
                Deadline.await("a write", begun::get);
                region.close();
                own.put(0, new byte[own.capacity()]);
                writer.join();
                for (int i = 0; i < own.capacity(); i++) {
                    assertThat(own.get(i)).isZero();
                }
            }
        }
    }

    private static void memoryOf(Side side, byte value) {
        byte[] bytes = new byte[1 << 14];
        java.util.Arrays.fill(bytes, value);
        side.memory.buffer().put(0, bytes);
    }

    private static void reconnect(Side a, Side b) {
        a.pair.modify(new QueuePairAttributes().state(QueuePairState.RESET));
        b.pair.modify(new QueuePairAttributes().state(QueuePairState.RESET));
        Endpoint.connect(a.pair, b.pair);
    }
}
