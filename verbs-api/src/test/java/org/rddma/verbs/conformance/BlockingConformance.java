package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.BlockingCalls;
import org.rddma.verbs.app.BlockingQueuePair;
import org.rddma.verbs.app.BlockingStatistics;
import org.rddma.verbs.app.CallOutcome;
import org.rddma.verbs.app.WaitOptions;

/** Blocking calls: one or many threads that share queue pairs, one of which waits on the channel for all. */
public abstract class BlockingConformance extends DeviceConformance {
    private static final int DEPTH = 8;

    private CompletionQueue queue;
    private End nearEnd;
    private End farEnd;
    private BlockingCalls calls;
    private BlockingQueuePair near;
    private BlockingQueuePair far;
    private final WorkCompletion result = new WorkCompletion();

    @BeforeEach
    final void connect() {
        queue = queueOn(context.createCompletionChannel(), 8 * DEPTH);
        EndSpec spec = new EndSpec().depth(DEPTH);
        nearEnd = new End(context, spec, queue);
        farEnd = new End(context, spec, queue);
        new Wiring().connect(nearEnd, farEnd);
        calls = BlockingCalls.of(queue, WaitOptions.SLEEP);
        near = calls.add(nearEnd.pair, DEPTH, DEPTH);
        far = calls.add(farEnd.pair, DEPTH, DEPTH);
    }

    private SendRequest sendOf(long id) {
        return nearEnd.request(id, 0, 8).send().flags(0);
    }

    private ReceiveRequest receiveOf(long id) {
        return new ReceiveRequest(id, farEnd.piece(1024 + 8 * (int) id, 8));
    }

    @Test
    @DisplayName(
            "a call returns when it is done, with its own id; what it was given is as before, and the bytes are there")
    final void oneThread() {
        byte[] bytes = nearEnd.fill(0, 8, 1);
        SendRequest write = sendOf(77).write(farEnd.address(64), farEnd.memory.rkey());
        assertThat(near.execute(write, result)).isEqualTo(CallOutcome.COMPLETED);
        assertThat(result.wrId()).isEqualTo(77);
        assertThat(result.isSuccess()).isTrue();
        assertThat(write.wrId()).isEqualTo(77);
        assertThat(write.flags()).isZero();
        assertThat(farEnd.bytes(64, 8)).isEqualTo(bytes);
        ReceiveRequest receive = receiveOf(3);
        assertThat(far.postReceive(receive)).isTrue();
        assertThat(receive.wrId()).isEqualTo(3);
        assertThat(near.execute(sendOf(78), result, 10, TimeUnit.SECONDS)).isEqualTo(CallOutcome.COMPLETED);
        assertThat(far.receive(result, 10, TimeUnit.SECONDS)).isTrue();
        assertThat(result.wrId()).isEqualTo(3);
        assertThat(result.byteLength()).isEqualTo(8);
        assertThat(farEnd.bytes(1024 + 24, 8)).isEqualTo(bytes);
        assertThat(near.queuePair()).isSameAs(nearEnd.pair);
    }

    @Test
    @DisplayName("messages are taken in the order in which they came; a message not taken keeps its place in the queue")
    final void inOrder() {
        for (int id = 0; id < DEPTH; id++) {
            assertThat(far.postReceive(receiveOf(id))).isTrue();
        }
        assertThat(far.postReceive(receiveOf(99))).isFalse();
        for (int id = 0; id < DEPTH; id++) {
            assertThat(near.execute(sendOf(id), result)).isEqualTo(CallOutcome.COMPLETED);
        }
        for (int id = 0; id < DEPTH; id++) {
            assertThat(far.receive(result)).isTrue();
            assertThat(result.wrId()).isEqualTo(id);
            assertThat(far.postReceive(receiveOf(id))).isTrue();
            assertThat(far.postReceive(receiveOf(99))).isFalse();
        }
        assertThat(far.receive(result, 0, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    @HangGuard(seconds = 90)
    @DisplayName("many threads share one queue pair of a few places: each gets its own completion, none is lost")
    final void manyThreads() throws Throwable {
        int threads = 3 * DEPTH;
        int each = Math.max(20, load(2_000));
        int key = farEnd.memory.rkey();
        List<Deadline.Running> running = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int number = t;
            running.add(Deadline.start("caller " + t, () -> {
                WorkCompletion own = new WorkCompletion();
                SendRequest write = nearEnd.request(0, 8 * number, 8).write(farEnd.address(8 * number), key);
                for (int i = 0; i < each; i++) {
                    long id = number * 1_000_000L + i;
                    nearEnd.memory.buffer().putLong(8 * number, id);
                    assertThat(near.execute(write.wrId(id), own)).isEqualTo(CallOutcome.COMPLETED);
                    assertThat(own.isSuccess()).isTrue();
                    assertThat(own.wrId()).isEqualTo(id);
                    assertThat(farEnd.memory.buffer().getLong(8 * number)).isEqualTo(id);
                }
            }));
        }
        for (Deadline.Running thread : running) {
            thread.join(java.time.Duration.ofSeconds(60));
        }
        assertThat(queue.unacknowledgedEvents()).isZero();
    }

    @Test
    @DisplayName("of many that wait a completion wakes its own, and perhaps the next leader; the others sleep on")
    final void noHerd() throws Throwable {
        int threads = DEPTH;
        Set<Long> seen = ConcurrentHashMap.newKeySet();
        AtomicInteger done = new AtomicInteger();
        List<Deadline.Running> waiting = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            assertThat(far.postReceive(receiveOf(t))).isTrue();
            waiting.add(Deadline.start("receiver " + t, () -> {
                WorkCompletion own = new WorkCompletion();
                assertThat(far.receive(own)).isTrue();
                seen.add(own.wrId());
                done.incrementAndGet();
            }));
        }
        for (Deadline.Running thread : waiting) {
            Deadline.awaitBlocked(thread.thread());
        }
        for (int sent = 1; sent <= threads; sent++) {
            nearEnd.post(nearEnd.request(1, 0, 8).send().flags(0)); // not a call of ours: nobody else wakes
            int expected = sent;
            Deadline.await("one more message is taken", () -> done.get() == expected);
            BlockingStatistics statistics = calls.statistics();
            assertThat(statistics.wakeups()).isLessThanOrEqualTo(2L * sent + 2); // a park may end for no reason
            assertThat(statistics.handovers()).isLessThanOrEqualTo(2L * sent + 2);
            assertThat(done.get()).isEqualTo(sent);
        }
        for (Deadline.Running thread : waiting) {
            thread.join();
        }
        assertThat(seen).hasSize(threads);
    }

    @Test
    @DisplayName("a full send queue suspends who sends; what timed out is under way until it is settled")
    final void backPressure() throws Throwable {
        for (int i = 0; i < DEPTH; i++) { // there is no receive: they are tried again and again
            assertThat(near.execute(sendOf(i), result, 0, TimeUnit.SECONDS)).isEqualTo(CallOutcome.UNDER_WAY);
        }
        long start = System.nanoTime();
        assertThat(near.execute(sendOf(9), result, 15, TimeUnit.MILLISECONDS)).isEqualTo(CallOutcome.NOT_POSTED);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(15_000_000);
        assertThat(near.settle(1, TimeUnit.MILLISECONDS)).isFalse();
        Deadline.Running suspended = Deadline.start("sends to a full queue", () -> {
            WorkCompletion own = new WorkCompletion();
            assertThat(near.execute(sendOf(10), own)).isEqualTo(CallOutcome.COMPLETED);
            assertThat(own.wrId()).isEqualTo(10);
        });
        Deadline.awaitBlocked(suspended.thread());
        for (int i = 0; i < DEPTH; i++) {
            assertThat(far.postReceive(receiveOf(i))).isTrue();
        }
        for (int i = 0; i < DEPTH; i++) {
            assertThat(far.receive(result, 10, TimeUnit.SECONDS)).isTrue();
            assertThat(result.wrId()).isEqualTo(i);
        }
        assertThat(far.postReceive(receiveOf(0))).isTrue();
        suspended.join();
        assertThat(near.settle(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    @DisplayName("a send queue that had room again before the thread could wait for it is tried again")
    final void roomMadeMeanwhile() {
        End third = new End(context, new EndSpec().depth(DEPTH), queue);
        End peer = new End(context, new EndSpec());
        new Wiring().connect(third, peer);
        AtomicInteger tries = new AtomicInteger();
        BlockingQueuePair[] at = new BlockingQueuePair[1];
        QueuePair fullOnce = StandIn.of(QueuePair.class, third.pair, "postSend", arguments -> {
            if (tries.getAndIncrement() != 1) {
                return StandIn.REAL;
            }
            peer.receive(1, 512, 8);
            Deadline.start(
                            "takes all there is",
                            () -> assertThat(at[0].settle(10, TimeUnit.SECONDS)).isTrue())
                    .join();
            return arguments[0];
        });
        at[0] = calls.add(fullOnce, 2, 0);
        SendRequest first = third.request(1, 0, 8).send();
        assertThat(at[0].execute(first, result, 0, TimeUnit.SECONDS)).isEqualTo(CallOutcome.UNDER_WAY);
        SendRequest second = third.request(2, 0, 8).write(peer.address(64), peer.memory.rkey());
        assertThat(at[0].execute(second, result, 10, TimeUnit.SECONDS)).isEqualTo(CallOutcome.COMPLETED);
        assertThat(result.wrId()).isEqualTo(2);
        assertThat(tries).hasValue(3);
    }

    @Test
    @DisplayName("a time that is over and an interrupt end a wait, leader or not; the others wait on and are served")
    final void ends() throws Throwable {
        assertThat(far.postReceive(receiveOf(5))).isTrue();
        long start = System.nanoTime();
        assertThat(far.receive(result, 15, TimeUnit.MILLISECONDS)).isFalse();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(15_000_000);
        Deadline.Running leader = waiter(false);
        Deadline.awaitBlocked(leader.thread());
        Deadline.Running follower = waiter(false);
        Deadline.awaitBlocked(follower.thread());
        Deadline.Running last = waiter(true);
        Deadline.awaitBlocked(last.thread());
        leader.thread().interrupt();
        leader.join();
        follower.thread().interrupt();
        follower.join();
        assertThat(last.isAlive()).isTrue();
        nearEnd.post(nearEnd.request(1, 0, 8).send().flags(0));
        last.join();
    }

    private Deadline.Running waiter(boolean served) {
        return Deadline.start("receives", () -> {
            WorkCompletion own = new WorkCompletion();
            assertThat(far.receive(own)).isEqualTo(served);
            assertThat(Thread.currentThread().isInterrupted()).isEqualTo(!served);
        });
    }

    @Test
    @DisplayName("closing wakes everyone with EBADF, whatever they wait for, and refuses what comes then")
    final void closeWakesEveryone() throws Throwable {
        for (int i = 0; i < DEPTH - 1; i++) {
            assertThat(near.execute(sendOf(i), result, 0, TimeUnit.SECONDS)).isEqualTo(CallOutcome.UNDER_WAY);
        }
        List<Deadline.Running> waiting = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            waiting.add(Deadline.start("executes", () -> isClosed("execute", () -> near.execute(sendOf(1), fresh()))));
            waiting.add(Deadline.start("receives", () -> isClosed("receive", () -> far.receive(fresh()))));
            waiting.add(Deadline.start(
                    "settles", () -> isClosed("settle", () -> near.settle(Long.MAX_VALUE, TimeUnit.DAYS))));
        }
        for (Deadline.Running thread : waiting) {
            Deadline.awaitBlocked(thread.thread());
        }
        calls.close();
        for (Deadline.Running thread : waiting) {
            thread.join();
        }
        calls.close();
        isClosed("receive", () -> far.receive(result));
        isClosed("postReceive", () -> far.postReceive(receiveOf(1)));
        nearEnd.pair.close();
        farEnd.pair.close();
        queue.close();
    }

    @Test
    @DisplayName("closing the context wakes everyone with EBADF")
    final void contextCloses() throws Throwable {
        List<Deadline.Running> waiting = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            waiting.add(Deadline.start("receives", () -> isClosed("receive", () -> far.receive(fresh()))));
        }
        for (Deadline.Running thread : waiting) {
            Deadline.awaitBlocked(thread.thread());
        }
        context.close();
        for (Deadline.Running thread : waiting) {
            thread.join();
        }
    }

    private static WorkCompletion fresh() {
        return new WorkCompletion();
    }

    private static void isClosed(String method, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        VerbsException unused = refused("BlockingQueuePair." + method, Errno.EBADF, call);
    }

    @Test
    @DisplayName("what fails completes with its status, what is flushed too; nothing waits for ever")
    final void failures() {
        assertThat(far.postReceive(receiveOf(1))).isTrue();
        SendRequest bad = sendOf(4).write(farEnd.address(0), farEnd.memory.rkey() + 0x100);
        assertThat(near.execute(bad, result)).isEqualTo(CallOutcome.COMPLETED);
        assertThat(result.status()).isEqualTo(WorkCompletionStatus.REM_ACCESS_ERR);
        assertThat(result.wrId()).isEqualTo(4);
        assertThat(near.execute(sendOf(5), result)).isEqualTo(CallOutcome.COMPLETED);
        assertThat(result.status()).isEqualTo(WorkCompletionStatus.WR_FLUSH_ERR);
        assertThat(far.receive(result)).isTrue();
        assertThat(result.status()).isEqualTo(WorkCompletionStatus.WR_FLUSH_ERR);
        assertThat(result.wrId()).isEqualTo(1);
    }

    @Test
    @DisplayName("what somebody else posted is noticed: whoever waits is told (EINVAL)")
    final void foreign() {
        nearEnd.post(nearEnd.request(7, 0, 8).write(farEnd.address(64), farEnd.memory.rkey()));
        refused("BlockingQueuePair.receive", Errno.EINVAL, () -> far.receive(result, 10, TimeUnit.SECONDS));
        refused("BlockingQueuePair.receive", Errno.EINVAL, () -> far.receive(result, 10, TimeUnit.SECONDS));
    }

    @Test
    @DisplayName("wrong arguments are refused (EINVAL), and a request that cannot be posted leaves its place free")
    final void badArguments() {
        CompletionQueue bare = context.createCompletionQueue(4);
        refused("BlockingCalls", Errno.EINVAL, () -> BlockingCalls.of(null, WaitOptions.SLEEP));
        refused("BlockingCalls", Errno.EINVAL, () -> BlockingCalls.of(bare, WaitOptions.SLEEP));
        refused("BlockingCalls", Errno.EINVAL, () -> BlockingCalls.of(queue, null));
        WaitOptions forEver =
                new WaitOptions(java.time.Duration.ofMillis(60), java.time.Duration.ofMillis(60), NotificationType.ANY);
        refused("BlockingCalls", Errno.EINVAL, () -> BlockingCalls.of(queue, forEver));
        refused("BlockingCalls.add", Errno.EINVAL, () -> calls.add(null, 1, 1));
        refused("BlockingCalls.add", Errno.EINVAL, () -> calls.add(nearEnd.pair, 1, 1));
        End other = new End(context, new EndSpec());
        refused("BlockingCalls.add", Errno.EINVAL, () -> calls.add(other.pair, 1, 1));
        End third = new End(context, new EndSpec().depth(512), queue);
        refused("BlockingCalls.add", Errno.EINVAL, () -> calls.add(third.pair, -1, 1));
        refused("BlockingCalls.add", Errno.EINVAL, () -> calls.add(third.pair, 1 << 20, 1));
        refused("BlockingCalls.add", Errno.EINVAL, () -> calls.add(third.pair, 512, 512));
        assertThat(calls.add(third.pair, 1, 1)).isNotNull();
        String execute = "BlockingQueuePair.execute";
        refused(execute, Errno.EINVAL, () -> near.execute(null, result));
        refused(execute, Errno.EINVAL, () -> near.execute(sendOf(1), null));
        refused(execute, Errno.EINVAL, () -> near.execute(sendOf(1), result, 1, null));
        refused(execute, Errno.EINVAL, () -> near.execute(sendOf(1).next(sendOf(2)), result));
        refused("BlockingQueuePair.receive", Errno.EINVAL, () -> far.receive(null));
        refused("BlockingQueuePair.receive", Errno.EINVAL, () -> far.receive(result, 1, null));
        refused("BlockingQueuePair.postReceive", Errno.EINVAL, () -> far.postReceive(null));
        refused("BlockingQueuePair.settle", Errno.EINVAL, () -> far.settle(1, null));
        SendRequest negative = new SendRequest().sge(new ScatterGatherElement().set(0, -1, 0));
        for (int i = 0; i < 2 * DEPTH; i++) {
            refused("postSend", Errno.EINVAL, () -> near.execute(negative, result));
        }
        SendRequest write = sendOf(1).write(farEnd.address(64), farEnd.memory.rkey());
        assertThat(near.execute(write, result)).isEqualTo(CallOutcome.COMPLETED);
    }
}
