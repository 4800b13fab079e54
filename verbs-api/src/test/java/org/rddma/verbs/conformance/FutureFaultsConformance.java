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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.FutureOptions;
import org.rddma.verbs.app.FutureQueuePair;
import org.rddma.verbs.app.Futures;
import org.rddma.verbs.app.RequestFuture;

/** Futures whose queues fail, stay full, or are closed by what depends on them: none waits for ever. */
public abstract class FutureFaultsConformance extends DeviceConformance {
    private static final int DEPTH = 8;
    private static final Duration BRIEFLY = Duration.ofMillis(200);

    private CompletionChannel channel;
    private CompletionQueue queue;
    private End a;
    private End b;
    private Futures futures;
    private FutureQueuePair atA;
    private FutureQueuePair atB;
    private final CountDownLatch goOn = new CountDownLatch(1);

    @BeforeEach
    final void attach() {
        channel = context.createCompletionChannel();
        queue = queueOn(channel, 256);
        a = new End(context, new EndSpec().depth(DEPTH), queue);
        b = new End(context, new EndSpec().depth(DEPTH), queue);
        new Wiring().connect(a, b);
        futures = Futures.on(channel, FutureOptions.DEFAULT.withDependents(Runnable::run));
        atA = futures.attach(a.pair);
        atB = futures.attach(b.pair);
    }

    @AfterEach
    final void closeFutures() {
        goOn.countDown();
        if (futures != null) { // else the device cannot do what the test needs
            futures.close(BRIEFLY);
        }
    }

    private ReceiveRequest receive(int i) {
        return new ReceiveRequest(i, b.piece(8 * i, 8));
    }

    /** Holds up the dispatching thread until it may go on. */
    private void block() throws InterruptedException {
        CountDownLatch blocked = new CountDownLatch(1);
        CompletableFuture<?> unused = atB.receive(receive(0)).thenRun(() -> {
            blocked.countDown();
            assertThat(awaitQuietly(goOn)).isTrue();
        });
        RequestFuture sent = atA.send(a.request(1, 0, 8).send());
        assertThat(sent).isNotNull();
        assertThat(blocked.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private static boolean awaitQuietly(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    private static void assertFails(CompletableFuture<?> future) {
        assertThat(catchThrowable(() -> future.get(10, TimeUnit.SECONDS)).getCause())
                .isInstanceOf(Exception.class);
    }

    /** Puts more completions into a queue than it holds. */
    private void overrun(CompletionQueue victim, Ticker ticker) throws InterruptedException {
        block();
        for (int i = 0; i < victim.capacity(); i++) {
            ticker.unsolicited(i);
        }
        ticker.overrunning(victim.capacity());
        goOn.countDown();
    }

    @Test
    @DisplayName("a completion queue has failed: who submits, waits for room, or attaches is told; the rest goes on")
    final void failedQueue() throws Throwable {
        CompletionQueue victim = queueOn(channel, 64);
        Ticker ticker = new Ticker(context, victim, victim.capacity() + 16);
        End lost = new End(context, new EndSpec().depth(1), victim);
        End none = new End(context, new EndSpec().depth(1), victim);
        End fresh = new End(context, new EndSpec().depth(1), victim);
        new Wiring().connect(lost, lost);
        new Wiring().connect(fresh, fresh);
        FutureQueuePair atLost = futures.attach(lost.pair, 1, 1);
        ReceiveRequest receive = new ReceiveRequest(1, lost.piece(0, 8));
        RequestFuture first = atLost.receive(receive);
        Queue<Throwable> refusals = new ConcurrentLinkedQueue<>();
        Deadline.Running waits = Deadline.start(
                "waits for room",
                () -> refusals.add(catchThrowable(() -> atLost.receive(new ReceiveRequest(2, lost.piece(8, 8))))));
        Deadline.awaitBlocked(waits.thread());
        FutureQueuePair atNone = futures.attach(none.pair, 1, 0); // never has room
        Deadline.Running waitsInVain = Deadline.start(
                "waits in vain",
                () -> refusals.add(catchThrowable(() -> atNone.receive(new ReceiveRequest(3, none.piece(0, 8))))));
        Deadline.awaitBlocked(waitsInVain.thread());
        overrun(victim, ticker);
        assertFails(first);
        waits.join();
        waitsInVain.join();
        for (int i = 0; i < 3; i++) {
            refusals.add(catchThrowable(() -> atLost.receive(receive)));
            refusals.add(catchThrowable(() -> atLost.tryReceive(receive)));
        }
        VerbsException why = (VerbsException) catchThrowable(() -> victim.poll(new WorkCompletion()));
        assertThat(why).isNotNull();
        assertThat(refusals)
                .hasSize(8)
                .allSatisfy(refusal -> assertThat(refusal).isInstanceOfSatisfying(VerbsException.class, e -> {
                    assertThat(e.errno()).isEqualTo(why.errno());
                    assertThat(e.verb()).isEqualTo("receive");
                }));
        refused("Futures.attach", why.errno(), () -> futures.attach(fresh.pair, 1, 1));
        assertThat(atLost.outstandingReceives()).isZero();
        assertRestGoesOn();
        atLost.close();
        atNone.close();
        FutureQueuePair atFresh = futures.attach(fresh.pair, 1, 1); // nobody knows any more that it has failed
        assertThat(catchThrowable(() -> atFresh.receive(new ReceiveRequest(1, fresh.piece(0, 8)))
                        .get(10, TimeUnit.SECONDS)))
                .isNotInstanceOf(TimeoutException.class)
                .isInstanceOf(Exception.class);
        assertRestGoesOn();
    }

    private void assertRestGoesOn() throws Exception {
        RequestFuture received = atB.receive(receive(2));
        RequestFuture sent = atA.send(a.request(2, 0, 8).send());
        assertThat(received.get(10, TimeUnit.SECONDS).wrId()).isEqualTo(2);
        assertThat(sent.get(10, TimeUnit.SECONDS).wrId()).isEqualTo(2);
        assertThat(futures.failure()).isNull();
    }

    @Test
    @DisplayName("a send queue that stays full is tried about once in a millisecond, not all the time")
    final void staysFull() {
        End c = new End(context, new EndSpec().depth(DEPTH), queue);
        AtomicInteger tries = new AtomicInteger();
        QueuePair full = StandIn.of(QueuePair.class, c.pair, "postSend", arguments -> {
            tries.incrementAndGet();
            return arguments[0];
        });
        FutureQueuePair atC = futures.attach(full);
        assertThat(atC.send(c.request(1, 0, 8), 300, TimeUnit.MILLISECONDS)).isNull();
        assertThat(tries.get()).isBetween(2, 400);
        assertThat(atC.outstandingSends()).isZero();
    }

    @Test
    @DisplayName("closed by what depends on the first of several that completed: the others complete too")
    final void closedAmidBatch() throws Throwable {
        CompletionQueue own = queueOn(context.createCompletionChannel(), 64);
        End sender = new End(context, new EndSpec().depth(DEPTH), own);
        End receiver = new End(context, new EndSpec().depth(DEPTH), queue);
        new Wiring().connect(sender, receiver);
        FutureQueuePair atReceiver = futures.attach(receiver.pair);
        block();
        List<RequestFuture> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(atReceiver.receive(new ReceiveRequest(i, receiver.piece(8 * i, 8))));
        }
        CompletableFuture<Void> closing = all.get(0).thenRun(() -> atReceiver.close(Duration.ZERO));
        for (int i = 0; i < 4; i++) {
            sender.post(sender.request(i, 0, 8).send());
        }
        assertThat(Completions.take(own, 4)).allMatch(WorkCompletion::isSuccess);
        goOn.countDown();
        closing.get(10, TimeUnit.SECONDS);
        for (int i = 0; i < 4; i++) {
            assertThat(all.get(i).get(10, TimeUnit.SECONDS).wrId()).isEqualTo(i);
        }
        assertRestGoesOn();
    }

    @Test
    @DisplayName("a provider that fails while a fault is looked for: all futures end, and failure() says why")
    final void failsTwice() throws Throwable {
        AtomicBoolean fails = new AtomicBoolean();
        AtomicInteger polls = new AtomicInteger();
        CompletionQueue other = queueOn(channel, 64);
        CompletionQueue broken = StandIn.of(CompletionQueue.class, other, "poll", arguments -> {
            if (!fails.get()) {
                return StandIn.REAL;
            }
            if (polls.getAndIncrement() == 0) {
                throw new VerbsException("poll", Errno.EIO, "the queue is lost");
            }
            throw new IllegalStateException("a defect of the provider");
        });
        End c = new End(context, new EndSpec().depth(DEPTH), other);
        new Wiring().connect(c, c);
        QueuePair onBroken = StandIn.of(
                QueuePair.class,
                StandIn.of(QueuePair.class, c.pair, "sendCompletionQueue", arguments -> broken),
                "receiveCompletionQueue",
                arguments -> broken);
        RequestFuture waits = atB.receive(receive(1));
        fails.set(true);
        FutureQueuePair atC = futures.attach(onBroken);
        assertFails(waits);
        assertThat(futures.failure()).isNotNull();
        assertThat(futures.failure().errno()).isEqualTo(Errno.EIO);
        refused("send", Errno.EIO, () -> atC.trySend(c.request(1, 0, 8)));
        refused("send", Errno.EIO, () -> atA.trySend(a.request(1, 0, 8)));
    }
}
