package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.app.FutureOptions;
import org.rddma.verbs.app.FutureQueuePair;
import org.rddma.verbs.app.Futures;
import org.rddma.verbs.app.RequestFailedException;
import org.rddma.verbs.app.RequestFuture;

/** Futures at their limits: a full queue, many threads, and everything that can end them; none is ever left alone. */
public abstract class FutureEndsConformance extends DeviceConformance {
    private static final int DEPTH = 8;
    private static final int ENTRIES = 256;
    private static final Duration BRIEFLY = Duration.ofMillis(200);
    private static final int THREADS = 6;

    private CompletionChannel channel;
    private CompletionQueue queue;
    private End a;
    private End b;
    private Futures futures;
    private FutureQueuePair atA;
    private FutureQueuePair atB;
    private int room;

    /** How many messages many threads send. */
    protected int messages() {
        return load(12_000);
    }

    @BeforeEach
    final void attach() {
        channel = context.createCompletionChannel();
        queue = queueOn(channel, ENTRIES);
        a = new End(context, new EndSpec().depth(DEPTH), queue);
        b = new End(context, new EndSpec().depth(DEPTH), queue);
        room = b.pair.capabilities().maxReceiveRequests();
        new Wiring().connect(a, b);
        begin(FutureOptions.DEFAULT);
    }

    @AfterEach
    final void closeFutures() {
        if (futures != null) { // else the device cannot do what the test needs
            futures.close(BRIEFLY); // the device may have been stopped before
        }
    }

    private void begin(FutureOptions options) {
        if (futures != null) {
            futures.close();
        }
        futures = Futures.on(channel, options);
        atA = futures.attach(a.pair);
        atB = futures.attach(b.pair);
    }

    private ReceiveRequest receive(int i) {
        return new ReceiveRequest(i, b.piece(8 * i, 8));
    }

    private List<RequestFuture> fillReceives() {
        List<RequestFuture> all = new ArrayList<>();
        for (int i = 0; i < room; i++) {
            all.add(atB.receive(receive(i)));
        }
        return all;
    }

    private static Throwable failure(CompletableFuture<?> future) {
        Throwable thrown = catchThrowable(() -> future.get(Deadline.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertThat(thrown).isInstanceOf(ExecutionException.class);
        return thrown.getCause();
    }

    private static void assertFlushed(Iterable<RequestFuture> all) {
        for (RequestFuture one : all) {
            assertThat(failure(one)).isInstanceOf(RequestFailedException.class);
            assertThat(one.isReleased()).isTrue();
        }
    }

    /** The device never gave them back: whoever waits for their memory learns that too. */
    private static void assertLost(Iterable<RequestFuture> all, int errno) {
        for (RequestFuture one : all) {
            assertThat(failure(one))
                    .isInstanceOfSatisfying(
                            VerbsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
            assertThat(failure(one.released())).isInstanceOf(VerbsException.class);
            assertThat(one.isReleased()).isFalse();
        }
    }

    /** Whether the futures say so or the verb does, depends on who is first. */
    private static void assertEnds(int errno, ThrowableAssert.ThrowingCallable call) {
        assertThat(catchThrowable(call))
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    // ---- a full queue

    @Test
    @DisplayName("a full queue refuses, or parks whoever submits until there is room, a time is over or he is woken")
    final void fullQueue() throws Throwable {
        List<RequestFuture> all = fillReceives();
        assertThat(atB.tryReceive(receive(0))).isNull();
        assertThat(atB.receive(receive(0), 0, TimeUnit.DAYS)).isNull();
        assertThat(atB.receive(receive(0), -1, TimeUnit.DAYS)).isNull();
        long start = System.nanoTime();
        assertThat(atB.receive(receive(0), 15, TimeUnit.MILLISECONDS)).isNull();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(15_000_000);
        Deadline.Running interrupted = Deadline.start("is interrupted", () -> {
            refused("receive", Errno.EINTR, () -> atB.receive(receive(0)));
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            refused("receive", Errno.EINTR, () -> atB.receive(receive(0), 1, TimeUnit.DAYS));
        });
        Deadline.awaitBlocked(interrupted.thread());
        interrupted.thread().interrupt();
        interrupted.join();
        Deadline.Running parked = Deadline.start("waits for room", () -> all.add(atB.receive(receive(99))));
        Deadline.awaitBlocked(parked.thread());
        RequestFuture unused = atA.send(a.request(1, 0, 8).send());
        parked.join();
        assertThat(all.get(room).wrId()).isEqualTo(99);
        Deadline.Running last =
                Deadline.start("is closed out", () -> refused("receive", Errno.EBADF, () -> atB.receive(receive(0))));
        Deadline.awaitBlocked(last.thread());
        atB.close();
        last.join();
        assertFlushed(all.subList(1, room + 1));
    }

    // ---- closing

    @Test
    @DisplayName("closed with requests outstanding: they are flushed first, and the queue pair stays open, in ERR")
    final void closePair() throws Throwable {
        List<RequestFuture> all = fillReceives();
        atB.close();
        assertThat(atB.outstandingReceives()).isZero();
        assertThat(all).allMatch(RequestFuture::isReleased);
        assertFlushed(all);
        assertThat(b.pair.state()).isEqualTo(QueuePairState.ERR);
        atB.close();
        refused("receive", Errno.EBADF, () -> atB.tryReceive(receive(0)));
        refused("send", Errno.EBADF, () -> atB.send(b.request(0, 0, 8)));
        refused("FutureQueuePair.close", Errno.EINVAL, () -> atB.close(null));
        FutureQueuePair none = futures.attach(b.pair, 0, 0); // never has room
        Deadline.Running parked =
                Deadline.start("waits in vain", () -> refused("receive", Errno.EBADF, () -> none.receive(receive(0))));
        Deadline.awaitBlocked(parked.thread());
        none.close();
        parked.join();
        atA.close();
        assertThat(a.pair.state()).isEqualTo(QueuePairState.RTS); // nothing was outstanding
        futures.close();
        a.pair.close();
        b.pair.close();
        queue.close(Duration.ZERO);
    }

    @Test
    @DisplayName(
            "all closed at once, with a dependent that submits again: nothing is left, and nothing new is accepted")
    final void closeAll() throws Exception {
        Queue<RequestFuture> again = new ConcurrentLinkedQueue<>();
        Queue<Throwable> refusals = new ConcurrentLinkedQueue<>();
        CountDownLatch told = new CountDownLatch(room);
        List<RequestFuture> all = fillReceives();
        for (RequestFuture one : all) {
            CompletableFuture<?> unused = one.whenComplete((done, failure) -> {
                try {
                    again.add(atB.tryReceive(receive(0)));
                } catch (VerbsException e) {
                    refusals.add(e);
                }
                told.countDown();
            });
        }
        futures.close();
        futures.close();
        assertFlushed(all);
        assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(again).isEmpty();
        assertThat(refusals).hasSize(room);
        assertThat(futures.failure()).isNull();
        refused("Futures.attach", Errno.EBADF, () -> futures.attach(b.pair));
        refused("Futures.close", Errno.EINVAL, () -> futures.close(null));
    }

    @Test
    @DisplayName("a queue pair that was reset or closed gives nothing back: closing ends its futures at once (EBADF)")
    final void vanished() throws Throwable {
        List<RequestFuture> all = fillReceives();
        Deadline.Running parked =
                Deadline.start("waits for room", () -> assertEnds(Errno.EBADF, () -> atB.receive(receive(0))));
        Deadline.awaitBlocked(parked.thread());
        RequestFuture other = atA.receive(new ReceiveRequest(1, a.piece(0, 8)));
        b.pair.modify(to(QueuePairState.RESET));
        a.pair.close();
        long start = System.nanoTime();
        atB.close(Duration.ofHours(1));
        atA.close(Duration.ofHours(1));
        assertThat(System.nanoTime() - start).isLessThan(Deadline.PATIENCE.toNanos());
        parked.join();
        assertLost(all, Errno.EBADF);
        assertLost(List.of(other), Errno.EBADF);
    }

    @Test
    @DisplayName("the thread that dispatches may close all; an interrupted thread closes without waiting")
    final void closeAnywhere() throws Exception {
        begin(FutureOptions.DEFAULT.withDependents(Runnable::run));
        CompletableFuture<Void> closing = atB.receive(receive(0)).thenRun(() -> futures.close(Duration.ofDays(1000)));
        RequestFuture left = atB.receive(receive(1));
        RequestFuture unused = atA.send(a.request(1, 0, 8).send());
        closing.get(10, TimeUnit.SECONDS);
        assertThat(failure(left)).isInstanceOfAny(RequestFailedException.class, VerbsException.class);
        b.pair.modify(to(QueuePairState.RESET));
        a.pair.modify(to(QueuePairState.RESET));
        new Wiring().connect(a, b);
        begin(FutureOptions.DEFAULT);
        RequestFuture last = atB.receive(receive(1));
        Thread.currentThread().interrupt();
        futures.close(Duration.ofDays(1000));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(failure(last)).isInstanceOfAny(RequestFailedException.class, VerbsException.class);
    }

    // ---- what ends everything

    @Test
    @LeavesEventsUnacknowledged
    @DisplayName("the context is closed: all futures and all who wait for room end with EBADF")
    final void contextClosed() throws Throwable {
        List<RequestFuture> all = fillReceives();
        Deadline.Running parked =
                Deadline.start("waits for room", () -> assertEnds(Errno.EBADF, () -> atB.receive(receive(0))));
        Deadline.awaitBlocked(parked.thread());
        context.close();
        parked.join();
        assertLost(all, Errno.EBADF);
        Deadline.await("the end", () -> futures.failure() != null);
        assertThat(futures.failure().errno()).isEqualTo(Errno.EBADF);
        refused("send", Errno.EBADF, () -> atA.trySend(a.request(0, 0, 8)));
        refused("Futures.attach", Errno.EBADF, () -> futures.attach(a.pair));
    }

    @Test
    @DisplayName("the device goes away: all futures end, and all who wait for room, with EIO")
    final void removed() throws Throwable {
        Assumptions.assumeTrue(faults().isPresent(), "nothing can be made to happen to this provider's device");
        List<RequestFuture> all = fillReceives();
        Deadline.Running parked =
                Deadline.start("waits for room", () -> assertEnds(Errno.EIO, () -> atB.receive(receive(0))));
        Deadline.awaitBlocked(parked.thread());
        faults().get().remove();
        for (RequestFuture one : all) {
            assertThat(failure(one)).isInstanceOfAny(RequestFailedException.class, VerbsException.class);
        }
        Deadline.await("the end", () -> futures.failure() != null);
        assertThat(futures.failure().errno()).isEqualTo(Errno.EIO);
        parked.join();
    }

    @Test
    @DisplayName("one completion queue is overrun by others: the futures of its queue pairs end, the rest goes on")
    final void overrun() throws Throwable {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        begin(FutureOptions.DEFAULT.withDependents(Runnable::run));
        CompletionQueue victim = queueOn(channel, 64);
        Ticker ticker = new Ticker(context, victim, victim.capacity() + 16);
        End lost = new End(context, new EndSpec().depth(1), victim);
        new Wiring().connect(lost, lost);
        FutureQueuePair atLost = futures.attach(lost.pair);
        RequestFuture first = atLost.receive(new ReceiveRequest(1, lost.piece(0, 8)));
        CompletableFuture<Boolean> blocks = atB.receive(receive(0)).thenApply(done -> {
            blocked.countDown();
            return awaitQuietly(goOn);
        });
        RequestFuture unused = atA.send(a.request(1, 0, 8).send());
        assertThat(blocked.await(10, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < victim.capacity(); i++) {
            ticker.unsolicited(i);
        }
        ticker.overrunning(victim.capacity());
        goOn.countDown();
        assertThat(blocks.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(failure(first)).isInstanceOfAny(RequestFailedException.class, VerbsException.class);
        assertThat(atLost.outstandingReceives()).isZero();
        RequestFuture received = atB.receive(receive(2));
        unused = atA.send(a.request(2, 0, 8).send());
        assertThat(received.get(10, TimeUnit.SECONDS).wrId()).isEqualTo(2);
        assertThat(futures.failure()).isNull();
        atLost.close();
    }

    private static boolean awaitQuietly(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    // ---- many threads

    @Test
    @DisplayName("many threads on one queue pair: every message arrives once, every future completes")
    final void manyThreads() throws Throwable {
        int each = messages() / THREADS;
        AtomicIntegerArray seen = new AtomicIntegerArray(THREADS * each);
        AtomicInteger arrived = new AtomicInteger();
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < room; i++) {
            serve(i, seen, arrived, failures);
        }
        List<Deadline.Running> threads = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            int thread = t;
            threads.add(Deadline.start("sends, " + t, () -> {
                var request = a.request(0, 4 * thread, 4).send();
                for (int i = 0; i < each; i++) {
                    a.memory.buffer().putInt(4 * thread, thread * each + i);
                    long id = i;
                    assertThat(atA.send(request.wrId(id))
                                    .get(10, TimeUnit.SECONDS)
                                    .wrId())
                            .isEqualTo(id);
                }
            }));
        }
        for (Deadline.Running thread : threads) {
            thread.join(Duration.ofSeconds(25));
        }
        Deadline.await("all have arrived", () -> arrived.get() == THREADS * each || !failures.isEmpty());
        assertThat(failures).isEmpty();
        for (int i = 0; i < seen.length(); i++) {
            assertThat(seen.get(i)).as("message %d", i).isEqualTo(1);
        }
        assertThat(atA.outstandingSends()).isZero();
        assertThat(atB.outstandingReceives()).isEqualTo(room);
    }

    private void serve(int slot, AtomicIntegerArray seen, AtomicInteger arrived, Queue<Throwable> failures) {
        RequestFuture received = atB.receive(receive(slot));
        CompletableFuture<?> unused = received.whenComplete((done, failure) -> {
            if (failure != null) {
                if (arrived.get() < seen.length()) {
                    failures.add(failure);
                }
                return;
            }
            int unusedCount = seen.incrementAndGet(b.memory.buffer().getInt(8 * slot));
            try {
                serve(slot, seen, arrived, failures);
            } catch (VerbsException e) {
                failures.add(e);
            }
            arrived.incrementAndGet();
        });
    }

    @Test
    @DisplayName("closed under traffic, or the context: every future that was handed out completes, nobody hangs")
    @LeavesEventsUnacknowledged
    final void closeUnderTraffic() throws Throwable {
        for (int round = 0; round < Math.max(4, load(60)); round++) {
            if (round > 0) {
                attach();
            }
            Queue<RequestFuture> all = new ConcurrentLinkedQueue<>();
            AtomicInteger submitted = new AtomicInteger();
            List<Deadline.Running> threads = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                boolean sends = t % 2 == 0;
                threads.add(Deadline.start("submits, " + t, () -> {
                    VerbsException end = null;
                    while (end == null) {
                        try {
                            all.add(
                                    sends
                                            ? atA.send(a.request(1, 0, 8).write(b.address(64), b.memory.rkey()))
                                            : atB.receive(receive(0)));
                            submitted.incrementAndGet();
                        } catch (VerbsException e) {
                            end = e;
                        }
                    }
                    assertThat(end.errno()).isEqualTo(Errno.EBADF);
                }));
            }
            Deadline.await("traffic", () -> submitted.get() > room + 50);
            if (round % 4 == 3) {
                context.close();
                context = openAnother();
            } else if (round % 4 == 2) {
                futures.close(Duration.ZERO); // some are posting just now: nobody waits for them
            } else {
                futures.close();
            }
            for (Deadline.Running thread : threads) {
                thread.join();
            }
            futures.close();
            for (RequestFuture one : all) {
                Throwable unused = catchThrowable(() -> one.get(10, TimeUnit.SECONDS));
                assertThat(one.isDone()).isTrue();
            }
            assertThat(atA.outstandingSends() + atB.outstandingReceives()).isZero();
            a.pair.close();
            b.pair.close();
        }
    }
}
