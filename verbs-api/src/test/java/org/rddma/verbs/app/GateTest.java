package org.rddma.verbs.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Errno;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;

/** Who may be in a call on a group of work queues, and who waits. */
@HangGuard(seconds = 30)
final class GateTest {
    private final Gate gate = new Gate();

    @Test
    @DisplayName("a second thread is refused (EBUSY) while the first is inside; the first may come in again")
    void secondIsRefused() throws Throwable {
        gate.enter("first");
        gate.enter("first");
        Deadline.Running second =
                Deadline.start("second", () -> refused("second", Errno.EBUSY, () -> gate.enter("second")));
        second.join();
        gate.leave();
        gate.leave();
        gate.enter("first");
        gate.leave();
    }

    @Test
    @DisplayName("the only user is never refused, however often others close something meanwhile: it waits for them")
    void closersRefuseNobody() throws Throwable {
        int rounds = 200_000;
        AtomicBoolean done = new AtomicBoolean();
        Deadline.Running closer = Deadline.start("closes", () -> {
            while (!done.get()) {
                gate.enterToClose("close", () -> {});
                gate.leaveClosed();
            }
        });
        try {
            long start = System.nanoTime(); // where others want the processor, each round may cost a turn of theirs
            for (int i = 0; i < rounds && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5); i++) {
                gate.enter("use");
                gate.leave();
            }
        } finally {
            done.set(true);
        }
        closer.join();
    }

    @Test
    @DisplayName("an interrupted user waits for the closer all the same, and stays interrupted")
    void interruptedBehindCloser() throws Throwable {
        AtomicInteger entered = new AtomicInteger();
        gate.enterToClose("close", () -> {});
        Deadline.Running user = Deadline.start("uses", () -> {
            Thread.currentThread().interrupt();
            gate.enter("use");
            entered.incrementAndGet();
            gate.leave();
            assertThat(Thread.interrupted()).isTrue();
        });
        Deadline.awaitBlocked(user.thread());
        assertThat(entered.get()).isZero();
        gate.leaveClosed();
        user.join();
        assertThat(entered.get()).isEqualTo(1);
    }
}
