package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionOpcode;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.FutureOptions;
import org.rddma.verbs.app.FutureQueuePair;
import org.rddma.verbs.app.Futures;
import org.rddma.verbs.app.RequestFailedException;
import org.rddma.verbs.app.RequestFuture;

/** A future for each work request: how it ends, and what depends on it. */
public abstract class FuturesConformance extends DeviceConformance {
    private static final int DEPTH = 8;
    private static final int ENTRIES = 256;
    private static final Duration BRIEFLY = Duration.ofMillis(200);

    private CompletionChannel channel;
    private CompletionQueue queue;
    private End a;
    private End b;
    private Futures futures;
    private FutureQueuePair atA;
    private FutureQueuePair atB;

    /** How many receives the queue pairs hold: at least the depth. */
    private int room;

    @BeforeEach
    final void attach() {
        channel = context.createCompletionChannel();
        queue = queueOn(channel, ENTRIES);
        EndSpec spec = new EndSpec().depth(DEPTH);
        a = new End(context, spec, queue);
        b = new End(context, spec, queue);
        new Wiring().connect(a, b);
        room = b.pair.capabilities().maxReceiveRequests();
        begin(FutureOptions.DEFAULT);
    }

    @AfterEach
    final void closeFutures() {
        if (futures != null) { // else the device cannot do what the test needs
            futures.close(BRIEFLY); // the device may have been stopped before
            assertThat(queue.unacknowledgedEvents()).isZero();
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

    private static WorkCompletion result(RequestFuture future) throws Exception {
        return future.get(Deadline.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static RequestFailedException failure(CompletableFuture<WorkCompletion> future) {
        Throwable thrown = catchThrowable(() -> future.get(Deadline.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertThat(thrown).isInstanceOf(ExecutionException.class);
        assertThat(thrown.getCause()).isInstanceOf(RequestFailedException.class);
        return (RequestFailedException) thrown.getCause();
    }

    // ---- completing

    @Test
    @DisplayName("a message: both futures complete with what the completions say and with the program's own ids")
    final void message() throws Exception {
        byte[] sent = a.fill(0, 100, 5);
        RequestFuture received = atB.receive(new ReceiveRequest(7, b.piece(1000, 200)));
        assertThat(received.isDone()).isFalse();
        assertThat(received.isReleased()).isFalse();
        assertThat(received.queuePair()).isSameAs(b.pair);
        RequestFuture send = atA.send(a.request(7, 0, 100).sendWithImmediate(0xCAFE));
        WorkCompletion there = result(received);
        assertThat(there.wrId()).isEqualTo(7);
        assertThat(there.opcode()).isEqualTo(WorkCompletionOpcode.RECV);
        assertThat(there.byteLength()).isEqualTo(100);
        assertThat(there.hasImmediate()).isTrue();
        assertThat(there.immediate()).isEqualTo(0xCAFE);
        assertThat(there.queuePairNumber()).isEqualTo(b.pair.number());
        assertThat(b.bytes(1000, 100)).isEqualTo(sent);
        assertThat(result(send).opcode()).isEqualTo(WorkCompletionOpcode.SEND);
        assertThat(result(send).wrId()).isEqualTo(7);
        assertThat(send.wrId()).isEqualTo(7);
        assertThat(send.isReleased()).isTrue();
        assertThat(received.isReleased()).isTrue();
    }

    @Test
    @DisplayName("a write completes whether it is signalled or not, and its request is left as it was")
    final void unsignalled() throws Exception {
        byte[] data = a.fill(0, 64, 6);
        SendRequest request =
                a.request(3, 0, 64).write(b.address(128), b.memory.rkey()).flags(0);
        for (int i = 0; i < 3 * room; i++) { // more than the queue holds: each is known to be done
            assertThat(result(atA.send(request)).opcode()).isEqualTo(WorkCompletionOpcode.RDMA_WRITE);
        }
        assertThat(b.bytes(128, 64)).isEqualTo(data);
        assertThat(request.flags()).isZero();
        assertThat(request.wrId()).isEqualTo(3);
        assertThat(atA.outstandingSends()).isZero();
    }

    @Test
    @Needs(Capability.RDMA_READ)
    @DisplayName("a read completes when the data is there")
    final void read() throws Exception {
        byte[] data = b.fill(256, 500, 8);
        WorkCompletion done = result(atA.send(a.request(1, 0, 500).read(b.address(256), b.memory.rkey())));
        assertThat(done.opcode()).isEqualTo(WorkCompletionOpcode.RDMA_READ);
        assertThat(a.bytes(0, 500)).isEqualTo(data);
    }

    @Test
    @Needs(Capability.ATOMICS)
    @DisplayName("atomics complete when the old value is there")
    final void atomics() throws Exception {
        b.memory.buffer().putLong(64, 40);
        SendRequest add = a.request(1, 0, 8).fetchAndAdd(b.address(64), b.memory.rkey(), 2);
        assertThat(result(atA.send(add)).opcode()).isEqualTo(WorkCompletionOpcode.FETCH_ADD);
        assertThat(a.memory.buffer().getLong(0)).isEqualTo(40);
        SendRequest swap = a.request(1, 8, 8).compareAndSwap(b.address(64), b.memory.rkey(), 42, 7);
        assertThat(result(atA.send(swap)).opcode()).isEqualTo(WorkCompletionOpcode.COMP_SWAP);
        assertThat(a.memory.buffer().getLong(8)).isEqualTo(42);
        assertThat(b.memory.buffer().getLong(64)).isEqualTo(7);
    }

    @Test
    @DisplayName("a request that fails ends its future with the status; those behind it are flushed, on both queues")
    final void failure() throws Exception {
        RequestFuture receive = atA.receive(new ReceiveRequest(4, a.piece(0, 8)));
        RequestFuture bad = atA.send(a.request(1, 0, 8).write(b.address(0), b.memory.rkey() + 0x100));
        RequestFuture behind = atA.send(a.request(2, 0, 8).write(b.address(0), b.memory.rkey()));
        RequestFailedException failure = failure(bad);
        assertThat(failure.status()).isEqualTo(WorkCompletionStatus.REM_ACCESS_ERR);
        assertThat(failure.isFlushed()).isFalse();
        assertThat(failure.completion().wrId()).isEqualTo(1);
        assertThat(failure).hasMessageContaining("work request 1 ").hasMessageContaining("remote access error");
        assertThat(failure(behind).isFlushed()).isTrue();
        assertThat(failure(receive).completion().wrId()).isEqualTo(4);
        assertThat(failure(receive).isFlushed()).isTrue();
        assertThat(bad.isReleased() && behind.isReleased() && receive.isReleased())
                .isTrue();
        assertThat(bad.released().get().status()).isEqualTo(WorkCompletionStatus.REM_ACCESS_ERR);
        assertThat(failure(atA.send(a.request(5, 0, 8).send())).isFlushed()).isTrue(); // as the verbs have it
    }

    // ---- cancelling

    @Test
    @DisplayName("a cancelled future: its request goes on, its memory and its place are the device's until it is over")
    final void cancel() throws Exception {
        RequestFuture receive = atB.receive(new ReceiveRequest(1, b.piece(0, 8)));
        CompletableFuture<WorkCompletion> released = receive.released();
        assertThat(receive.cancel(false)).isTrue();
        assertThat(receive.isCancelled()).isTrue();
        assertThat(catchThrowable(receive::join)).isInstanceOf(CancellationException.class);
        assertThat(receive.isReleased()).isFalse();
        assertThat(released.isDone()).isFalse();
        assertThat(atB.outstandingReceives()).isEqualTo(1);
        byte[] sent = a.fill(0, 8, 3);
        assertThat(result(atA.send(a.request(2, 0, 8).send())).isSuccess()).isTrue();
        assertThat(released.get(10, TimeUnit.SECONDS).byteLength()).isEqualTo(8);
        assertThat(b.bytes(0, 8)).isEqualTo(sent);
        assertThat(receive.isReleased()).isTrue();
        assertThat(receive.isCancelled()).isTrue();
        assertThat(atB.outstandingReceives()).isZero();
        assertThat(b.pair.state()).isEqualTo(QueuePairState.RTS);
    }

    @Test
    @DisplayName("a future that is cancelled by force: the queue pair is flushed, and the memory is soon free")
    final void cancelByForce() throws Exception {
        RequestFuture one = atB.receive(new ReceiveRequest(1, b.piece(0, 8)));
        RequestFuture other = atB.receive(new ReceiveRequest(2, b.piece(8, 8)));
        assertThat(one.cancel(true)).isTrue();
        assertThat(one.released().get(10, TimeUnit.SECONDS).status()).isEqualTo(WorkCompletionStatus.WR_FLUSH_ERR);
        assertThat(one.isCancelled()).isTrue();
        assertThat(failure(other).isFlushed()).isTrue();
        assertThat(b.pair.state()).isEqualTo(QueuePairState.ERR);
        assertThat(a.pair.state()).isEqualTo(QueuePairState.RTS);
    }

    @Test
    @DisplayName("a future that is over, or not one's own, cancels nothing, by force or not")
    final void cancelTooLate() throws Exception {
        RequestFuture done = atA.send(a.request(2, 0, 8).write(b.address(0), b.memory.rkey()));
        assertThat(result(done).isSuccess()).isTrue();
        assertThat(done.cancel(true)).isFalse();
        RequestFuture receive = atB.receive(new ReceiveRequest(1, b.piece(0, 8)));
        assertThat(receive.thenApply(WorkCompletion::byteLength).cancel(true)).isTrue();
        assertThat(receive.isDone()).isFalse();
        receive.complete(new WorkCompletion());
        assertThat(receive.cancel(true)).isFalse();
        assertThat(a.pair.state()).isEqualTo(QueuePairState.RTS);
        assertThat(b.pair.state()).isEqualTo(QueuePairState.RTS);
        assertThat(receive.isReleased()).isFalse();
    }

    @Test
    @DisplayName("a future that times out: its request keeps its place in the queue until it is over")
    final void timeout() throws Exception {
        List<RequestFuture> all = new ArrayList<>();
        for (int i = 0; i < room; i++) {
            all.add(atB.receive(new ReceiveRequest(i, b.piece(8 * i, 8))));
            assertThat(all.get(i).orTimeout(1, TimeUnit.MILLISECONDS)).isSameAs(all.get(i));
        }
        for (RequestFuture one : all) {
            assertThat(catchThrowable(() -> one.get(10, TimeUnit.SECONDS))).hasCauseInstanceOf(TimeoutException.class);
        }
        assertThat(atB.outstandingReceives()).isEqualTo(room);
        assertThat(atB.tryReceive(new ReceiveRequest(9, b.piece(0, 8)))).isNull();
        assertThat(result(atA.send(a.request(2, 0, 8).send())).isSuccess()).isTrue();
        assertThat(all.get(0).released().get(10, TimeUnit.SECONDS).isSuccess()).isTrue();
        assertThat(atB.receive(new ReceiveRequest(9, b.piece(0, 8)))).isNotDone();
        assertThat(all.get(1).isReleased()).isFalse();
    }

    @Test
    @DisplayName("cancelling all takes the queue pair to the error state; in RESET there is nothing to cancel")
    final void cancelAll() {
        List<RequestFuture> all = new ArrayList<>();
        for (int i = 0; i < room; i++) {
            all.add(atB.receive(new ReceiveRequest(i, b.piece(8 * i, 8))));
        }
        atB.cancelAll();
        assertThat(b.pair.state()).isEqualTo(QueuePairState.ERR);
        for (RequestFuture one : all) {
            assertThat(failure(one).isFlushed()).isTrue();
        }
        b.pair.modify(to(QueuePairState.RESET));
        atB.cancelAll();
        assertThat(b.pair.state()).isEqualTo(QueuePairState.RESET);
    }

    // ---- what depends on a future

    @Test
    @DisplayName("what depends on a future runs in another thread than the dispatching one; it may throw and be slow")
    final void dependents() throws Exception {
        List<Thread> ran = new CopyOnWriteArrayList<>();
        CountDownLatch slow = new CountDownLatch(1);
        begin(FutureOptions.DEFAULT.withDependents(task -> {
            Thread thread = new Thread(task, "runs dependents");
            ran.add(thread);
            thread.start();
        }));
        CompletableFuture<String> waits = atB.receive(new ReceiveRequest(1, b.piece(0, 8)))
                .thenApply(done -> {
                    boolean unused = awaitQuietly(slow);
                    return Thread.currentThread().getName();
                });
        CompletableFuture<Void> throwing = atB.receive(new ReceiveRequest(2, b.piece(0, 8)))
                .thenAccept(done -> {
                    throw new StackOverflowError("of the test");
                });
        RequestFuture last = atB.receive(new ReceiveRequest(3, b.piece(0, 8)));
        for (int i = 0; i < 3; i++) {
            RequestFuture unused = atA.send(a.request(i, 0, 8).send());
        }
        assertThat(result(last).wrId()).isEqualTo(3);
        assertThat(catchThrowable(() -> throwing.get(10, TimeUnit.SECONDS)))
                .hasCauseInstanceOf(StackOverflowError.class);
        assertThat(waits).isNotDone();
        slow.countDown();
        assertThat(waits.get(10, TimeUnit.SECONDS)).isEqualTo("runs dependents");
        for (Thread thread : ran) {
            thread.join();
        }
    }

    private static boolean awaitQuietly(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Test
    @DisplayName("an executor that refuses, and a handler that throws, stop nothing")
    final void badHelpers() throws Exception {
        begin(FutureOptions.DEFAULT
                .withDependents(task -> {
                    throw new java.util.concurrent.RejectedExecutionException("of the test");
                })
                .withOthers(completion -> {
                    throw new AssertionError("of the test: this stack trace is meant to be printed");
                }));
        Ticker ticker = new Ticker(context, queue);
        ticker.unsolicited(1);
        RequestFuture received = atB.receive(new ReceiveRequest(1, b.piece(0, 8)));
        RequestFuture unused = atA.send(a.request(2, 0, 8).send());
        assertThat(result(received).wrId()).isEqualTo(1);
        assertThat(futures.failure()).isNull();
    }

    @Test
    @DisplayName("directly in the dispatching thread: one may submit there, but not wait for room (EAGAIN)")
    final void direct() throws Exception {
        begin(FutureOptions.DEFAULT.withDependents(Runnable::run));
        AtomicReference<Thread> dispatcher = new AtomicReference<>();
        CompletableFuture<VerbsException> refusal = atB.receive(new ReceiveRequest(1, b.piece(0, 8)))
                .thenApply(done -> {
                    for (int i = 0; i < room; i++) {
                        RequestFuture unused = atB.receive(new ReceiveRequest(i, b.piece(0, 8)));
                    }
                    assertThat(atB.tryReceive(new ReceiveRequest(9, b.piece(0, 8))))
                            .isNull();
                    dispatcher.set(Thread.currentThread());
                    Thread.currentThread().interrupt(); // must not disturb the dispatching thread
                    return refused("receive", Errno.EAGAIN, () -> atB.receive(new ReceiveRequest()));
                });
        RequestFuture unused = atA.send(a.request(2, 0, 8).send());
        assertThat(refusal.get(10, TimeUnit.SECONDS)).hasMessageContaining("withDependents");
        Deadline.await("the interrupt is gone", () -> !dispatcher.get().isInterrupted());
        assertThat(result(atA.send(a.request(3, 0, 8).send())).wrId()).isEqualTo(3);
    }

    // ---- the queue is shared

    @Test
    @DisplayName("completions of requests that were posted past the futures go to the handler for others, all of them")
    final void others() throws Exception {
        List<Long> seen = java.util.Collections.synchronizedList(new ArrayList<>());
        begin(FutureOptions.DEFAULT.withOthers(completion -> seen.add(completion.wrId())));
        Ticker ticker = new Ticker(context, queue);
        for (int i = 0; i < 10; i++) {
            ticker.unsolicited(i);
            RequestFuture write = atA.send(a.request(i, 0, 8).write(b.address(0), b.memory.rkey()));
            assertThat(result(write).wrId()).isEqualTo(i);
        }
        Deadline.await("all others", () -> seen.size() == 10);
        assertThat(seen).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
    }

    // ---- mistakes

    @Test
    @DisplayName("what cannot be attached is refused (EINVAL), and so is a queue that could be overrun")
    final void refusedPairs() {
        String verb = "Futures.attach";
        refused("Futures", Errno.EINVAL, () -> Futures.on(null));
        refused("Futures", Errno.EINVAL, () -> Futures.on(channel, null));
        refused(verb, Errno.EINVAL, () -> futures.attach(null));
        refused(verb, Errno.EINVAL, () -> futures.attach(a.pair));
        refused(verb, Errno.EINVAL, () -> futures.attach(new End(context, new EndSpec()).pair));
        refused(verb, Errno.EINVAL, () -> futures.attach(new End(context, new EndSpec().withChannel()).pair));
        CompletionQueue small = queueOn(channel, 4);
        VerbsException refusal = refused(
                verb,
                Errno.EINVAL,
                () -> futures.attach(new End(context, new EndSpec().depth(small.capacity()), small).pair));
        assertThat(refusal).hasMessageContaining("make it larger");
        QueuePair fresh = new End(context, new EndSpec().depth(small.capacity()), small).pair;
        refused(verb, Errno.EINVAL, () -> futures.attach(fresh, small.capacity(), 1));
        refused(verb, Errno.EINVAL, () -> futures.attach(fresh, -1, 0));
        refused(verb, Errno.EINVAL, () -> futures.attach(fresh, 0, -1));
        refused(
                verb,
                Errno.EINVAL,
                () -> futures.attach(fresh, fresh.capabilities().maxSendRequests() + 1, 0));
        refused(
                verb,
                Errno.EINVAL,
                () -> futures.attach(fresh, 0, fresh.capabilities().maxReceiveRequests() + 1));
        new Wiring().toInit(fresh);
        FutureQueuePair atFresh = futures.attach(fresh, 1, 1);
        assertThat(atFresh.tryReceive(new ReceiveRequest())).isNotNull();
        assertThat(atFresh.tryReceive(new ReceiveRequest())).isNull();
        atB.close();
        FutureQueuePair again = futures.attach(b.pair); // what was promised is free again
        assertThat(again.outstandingReceives()).isZero();
    }

    @Test
    @DisplayName("a request that is wrong is refused, takes no room and changes nothing")
    final void refusedRequests() {
        refused("send", Errno.EINVAL, () -> atA.send(null));
        refused("receive", Errno.EINVAL, () -> atA.receive(null));
        refused("send", Errno.EINVAL, () -> atA.send(new SendRequest().next(new SendRequest())));
        refused("receive", Errno.EINVAL, () -> atA.receive(new ReceiveRequest().next(new ReceiveRequest())));
        refused("send", Errno.EINVAL, () -> atA.send(new SendRequest(), 1, null));
        refused("receive", Errno.EINVAL, () -> atA.receive(new ReceiveRequest(), 1, null));
        ScatterGatherElement negative = new ScatterGatherElement().set(0, -1, 0);
        SendRequest send = new SendRequest().wrId(5).sge(negative);
        ReceiveRequest receive = new ReceiveRequest(6, negative);
        for (int i = 0; i < 3 * DEPTH; i++) {
            assertThat(refused("postSend", Errno.EINVAL, () -> atA.trySend(send))
                            .badRequest())
                    .containsSame(send);
            refused("postReceive", Errno.EINVAL, () -> atA.tryReceive(receive));
        }
        assertThat(send.wrId()).isEqualTo(5);
        assertThat(send.flags()).isZero();
        assertThat(receive.wrId()).isEqualTo(6);
        assertThat(atA.outstandingSends() + atA.outstandingReceives()).isZero();
    }
}
