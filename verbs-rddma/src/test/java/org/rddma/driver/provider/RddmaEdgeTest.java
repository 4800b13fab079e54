package org.rddma.driver.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.rddma.driver.emulator.EmulatorOptions;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.conformance.Completions;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;
import org.rddma.verbs.conformance.ProcessorTime;

/** What a queue pair has left behind does not hurt what it does next, and what is gone costs nothing. */
@HangGuard(seconds = 60)
final class RddmaEdgeTest {
    private static final int HASTY = 1_500;
    private static final int IMPATIENT = 1_000;
    private static final int PATIENT = 10_000;

    @Test
    void aPeerThatDoesNotAnswerIsNotWaitedForOnceThereIsAnother() {
        AtomicReference<FilteredFile> file = new AtomicReference<>();
        try (OwnDriver driver = new OwnDriver(EmulatorOptions.defaults(), IMPATIENT)) {
            RddmaDevice device = RddmaDevice.of("own0", () -> {
                file.set(new FilteredFile(driver.emulator.open(true)));
                return file.get();
            });
            try (Side a = new Side(device.open());
                    Side silent = driver.side("own1");
                    Side other = driver.side("own2")) {
                Endpoint.connect(a.pair, silent.pair);
                silent.receive(1, 0, 8);
                String bell = Names.ring(silent.pair.number());
                file.get().hold(text -> text.contains(bell));
                a.post(a.request(1, 0, 8));
                Deadline.await("a ring", () -> file.get().heldBack() == 1);
                a.pair.modify(new QueuePairAttributes().state(QueuePairState.RESET));
                Endpoint.connect(a.pair, other.pair);
                other.receive(2, 0, 8);
                a.post(a.request(2, 0, 8));
                Completions.success(other.receives, 2, WorkCompletionOpcode.RECV);
                Completions.success(a.sends, 2, WorkCompletionOpcode.SEND);
            }
        }
    }

    @Test
    void aDispatcherWhoseDriverIsGoneDoesNotSpin() throws InterruptedException {
        try (OwnDriver driver = new OwnDriver(EmulatorOptions.defaults(), PATIENT);
                RddmaContext context = driver.device("own0").open()) {
            Thread dispatcher = context.session().thread();
            driver.emulator.close();
            Deadline.await("the loss to be seen", () -> context.session().isLost());
            long before = ProcessorTime.nanosOf(dispatcher);
            dispatcher.join(Duration.ofSeconds(1).toMillis());
            assertThat(ProcessorTime.nanosOf(dispatcher) - before).isLessThan(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    @Test
    void anExceptionHandlerThatThrowsDoesNotEndTheDispatcher() {
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        try (OwnDriver driver = new OwnDriver(EmulatorOptions.defaults(), PATIENT);
                RddmaContext context = driver.device("own0").open()) {
            AtomicReference<Throwable> seen = new AtomicReference<>();
            Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
                seen.set(failure);
                throw new IllegalStateException("from the handler");
            });
            context.session().execute(() -> {
                throw new IllegalStateException("from a task");
            });
            Deadline.await("the report", () -> seen.get() != null);
            try (RddmaProtectionDomain domain = context.allocateProtectionDomain();
                    RddmaMemoryRegion region = domain.allocateMemory(64, Side.ALL_RIGHTS)) {
                assertThat(region.length()).isEqualTo(64);
            }
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    @Test
    void whatAResetCouldNotWaitForDoesNotEndUpAsThatOfALaterRequest() {
        AtomicReference<FilteredFile> file = new AtomicReference<>();
        try (OwnDriver driver = new OwnDriver(EmulatorOptions.defaults(), HASTY)) {
            RddmaDevice device = RddmaDevice.of("own0", () -> {
                file.set(new FilteredFile(driver.emulator.open(true)));
                return file.get();
            });
            try (Side a = new Side(device.open());
                    Side before = driver.side("own1");
                    Side after = driver.side("own2")) {
                Endpoint.connect(a.pair, before.pair);
                file.get().hold(text -> text.startsWith("bind_create") || text.startsWith("smb_find://m"));
                a.post(a.request(1, 0, 64).write(before.address(0), before.memory.rkey()));
                Deadline.await("a bind", () -> file.get().heldBack() > 0);
                a.pair.modify(new QueuePairAttributes().state(QueuePairState.RESET));
                file.get().hold(text -> false);
                Endpoint.connect(a.pair, after.pair);
                a.post(a.request(2, 0, 64).write(after.address(0), after.memory.rkey()));
                Completions.success(a.sends, 2, WorkCompletionOpcode.RDMA_WRITE);
            }
        }
    }

    @Test
    void aPeerThatCannotBeMappedForWhateverReasonIsAsIfNobodyWereThere() {
        AtomicReference<FilteredFile> file = new AtomicReference<>();
        try (OwnDriver driver = new OwnDriver(EmulatorOptions.defaults(), PATIENT)) {
            RddmaDevice device = RddmaDevice.of("own0", () -> {
                file.set(new FilteredFile(driver.emulator.open(true)));
                return file.get();
            });
            try (Side a = new Side(device.open());
                    Side b = driver.side("own1")) {
                Endpoint.connect(a.pair, b.pair);
                file.get().failMaps(new IllegalStateException("no room for another mapping"));
                a.post(a.request(1, 0, 8));
                Completions.failure(a.sends, 1, WorkCompletionStatus.RETRY_EXC_ERR);
            }
        }
    }
}
