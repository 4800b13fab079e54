package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.OrderedCompletions;
import org.rddma.verbs.app.WaitOptions;

/** Completions of several queue pairs and queues in a fixed order, whatever order they came in. */
public abstract class OrderedConformance extends DeviceConformance {
    private static final int WINDOW = 8;
    private static final int DEPTH = 4;

    private CompletionQueue[] queues;
    private End[] near;
    private End[] far;
    private OrderedCompletions order;
    private final WorkCompletion result = new WorkCompletion();

    /** Two queues on one channel; two connections that complete in the first and one in the second. */
    @BeforeEach
    final void connect() {
        CompletionChannel channel = context.createCompletionChannel();
        queues = new CompletionQueue[] {queueOn(channel, 64), queueOn(channel, 64)};
        EndSpec spec = new EndSpec().depth(DEPTH);
        near = new End[3];
        far = new End[3];
        for (int i = 0; i < near.length; i++) {
            near[i] = new End(context, spec, queues[i % 2]);
            far[i] = new End(context, new EndSpec());
            new Wiring().connect(near[i], far[i]);
        }
        order = OrderedCompletions.of(WINDOW, WaitOptions.SLEEP, queues);
    }

    /** Completes by itself. */
    private SendRequest write(int pair, long id) {
        return near[pair].request(id, 0, 8).flags(0).write(far[pair].address(64), far[pair].memory.rkey());
    }

    /** Completes when the peer posts a receive. */
    private SendRequest send(int pair, long id) {
        return near[pair].request(id, 0, 8).flags(0).send();
    }

    private void let(int pair) {
        far[pair].receive(1, 512, 8);
    }

    private void assertTaken(long position, long id) {
        assertThat(order.take(result, 10, TimeUnit.SECONDS)).isEqualTo(position);
        assertThat(result.wrId()).isEqualTo(id);
    }

    private void assertNothingToTake() {
        assertThat(order.take(result, settleTime().toMillis(), TimeUnit.MILLISECONDS))
                .isEqualTo(-1);
    }

    @Test
    @DisplayName("completions that overtook others, on other queue pairs and queues, are taken in the order of posting")
    final void orderOfPosting() {
        SendRequest first = send(0, 100);
        assertThat(order.postSend(near[0].pair, first)).isZero();
        assertThat(first.wrId()).isEqualTo(100);
        assertThat(first.flags()).isZero();
        assertThat(order.postSend(near[1].pair, write(1, 101))).isEqualTo(1);
        assertThat(order.postSend(near[2].pair, write(2, 102))).isEqualTo(2);
        assertThat(order.postSend(near[1].pair, send(1, 103))).isEqualTo(3);
        assertThat(order.postSend(near[2].pair, write(2, 104))).isEqualTo(4);
        assertNothingToTake();
        let(1);
        assertNothingToTake();
        let(0);
        for (int i = 0; i < 5; i++) {
            assertTaken(i, 100 + i);
            assertThat(result.isSuccess()).isTrue();
        }
        assertNothingToTake();
        assertThat(order.window()).isEqualTo(WINDOW);
    }

    @Test
    @DisplayName("receives are ordered too")
    final void receives() {
        for (int i = 0; i < 3; i++) {
            ReceiveRequest receive = new ReceiveRequest(50 + i, near[i].piece(1024, 8));
            assertThat(order.postReceive(near[i].pair, receive, 0, TimeUnit.SECONDS))
                    .isEqualTo(i);
            assertThat(receive.wrId()).isEqualTo(50 + i);
        }
        for (int i = 2; i >= 0; i--) {
            far[i].post(far[i].request(1, 0, i + 1).send());
        }
        for (int i = 0; i < 3; i++) {
            assertTaken(i, 50 + i);
            assertThat(result.byteLength()).isEqualTo(i + 1);
        }
        assertThat(order.postReceiveAt(
                        4, near[0].pair, new ReceiveRequest(54, near[0].piece(0, 8)), 0, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    @DisplayName("positions that are given are a key: their order is the order, not that of posting")
    final void orderOfKey() {
        for (int position : new int[] {5, 2, 0, 7, 1, 6, 4, 3}) {
            assertThat(order.postSendAt(
                            position, near[position % 3].pair, write(position % 3, position), 1, TimeUnit.SECONDS))
                    .isTrue();
        }
        for (int position = 0; position < 8; position++) {
            assertTaken(position, position);
        }
        refused(
                "OrderedCompletions.postSendAt",
                Errno.EINVAL,
                () -> order.postSendAt(7, near[0].pair, write(0, 1), 0, TimeUnit.SECONDS));
        refused(
                "OrderedCompletions.postSendAt",
                Errno.EINVAL,
                () -> order.postSendAt(-1, near[0].pair, write(0, 1), 0, TimeUnit.SECONDS));
        assertThat(order.postSendAt(8, near[0].pair, write(0, 8), 0, TimeUnit.SECONDS))
                .isTrue();
        refused(
                "OrderedCompletions.postSendAt",
                Errno.EINVAL,
                () -> order.postSendAt(8, near[0].pair, write(0, 8), 0, TimeUnit.SECONDS));
        assertThat(order.postSend(near[0].pair, write(0, 9))).isEqualTo(9);
    }

    @Test
    @DisplayName("beyond the window nothing is posted: who posts waits until there is room; the head always has room")
    final void backPressure() throws Throwable {
        for (int position = 1; position < WINDOW; position++) {
            assertThat(order.postSendAt(position, near[position % 3].pair, write(position % 3, position), 0, seconds()))
                    .isTrue();
        }
        long start = System.nanoTime();
        assertThat(order.postSend(near[0].pair, write(0, 1), 15, TimeUnit.MILLISECONDS))
                .isEqualTo(-1);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(15_000_000);
        assertThat(order.postSendAt(WINDOW, near[0].pair, write(0, 1), 0, seconds()))
                .isFalse();
        Deadline.Running appends = Deadline.start(
                "posts the next",
                () -> assertThat(order.postSend(near[0].pair, write(0, WINDOW))).isEqualTo(WINDOW));
        Deadline.awaitBlocked(appends.thread());
        Deadline.Running places = Deadline.start(
                "posts a later one",
                () -> assertThat(order.postSendAt(WINDOW + 1, near[1].pair, write(1, WINDOW + 1), 10, seconds()))
                        .isTrue());
        Deadline.awaitBlocked(places.thread());
        assertThat(order.postSendAt(0, near[0].pair, write(0, 0), 0, seconds())).isTrue();
        assertTaken(0, 0);
        appends.join();
        assertTaken(1, 1);
        places.join();
        for (int position = 2; position < WINDOW + 2; position++) {
            assertTaken(position, position);
        }
    }

    private static TimeUnit seconds() {
        return TimeUnit.SECONDS;
    }

    @Test
    @DisplayName("a full send queue suspends who posts, and the position waits with it")
    final void fullSendQueue() throws Throwable {
        int posted = 0;
        while (order.postSend(near[0].pair, send(0, posted), 0, TimeUnit.SECONDS) >= 0) {
            posted++;
        }
        assertThat(posted).isBetween(DEPTH, WINDOW);
        int full = posted;
        Deadline.Running suspended = Deadline.start(
                "posts",
                () -> assertThat(order.postSend(near[0].pair, send(0, full))).isEqualTo(full));
        Deadline.awaitBlocked(suspended.thread());
        for (int i = 0; i <= full; i++) {
            let(0);
        }
        for (int i = 0; i <= full; i++) {
            assertTaken(i, i);
        }
        suspended.join();
    }

    @Test
    @DisplayName("a send queue that had room again before the thread could wait for it is tried again")
    final void roomMadeMeanwhile() {
        assertThat(order.postSend(near[0].pair, send(0, 100))).isZero();
        AtomicInteger tries = new AtomicInteger();
        QueuePair fullOnce = StandIn.of(QueuePair.class, near[0].pair, "postSend", arguments -> {
            if (tries.getAndIncrement() > 0) {
                return StandIn.REAL;
            }
            let(0);
            Deadline.start("takes all there is", () -> assertTaken(0, 100)).join();
            return arguments[0];
        });
        assertThat(order.postSend(fullOnce, write(0, 101), 10, TimeUnit.SECONDS))
                .isEqualTo(1);
        assertTaken(1, 101);
        assertThat(tries).hasValue(2);
    }

    @Test
    @DisplayName(
            "what is skipped is left out: never posted, under way or done; its completion is dropped when it comes")
    final void skipped() {
        assertThat(order.postSend(near[0].pair, send(0, 0))).isZero();
        assertThat(order.postSend(near[1].pair, write(1, 1))).isEqualTo(1);
        assertThat(order.postSendAt(3, near[2].pair, write(2, 3), 0, seconds())).isTrue();
        assertNothingToTake();
        assertThat(order.skip(2)).isTrue();
        assertThat(order.skip(0)).isTrue();
        assertTaken(1, 1);
        assertTaken(3, 3);
        refused("OrderedCompletions.skip", Errno.EINVAL, () -> order.skip(3));
        refused("OrderedCompletions.skip", Errno.EINVAL, () -> order.skip(-1));
        assertThat(order.skip(4 + WINDOW)).isFalse();
        assertThat(order.skip(5)).isTrue();
        refused("OrderedCompletions.skip", Errno.EINVAL, () -> order.skip(5));
        let(0); // the completion of position 0 comes when its entry may be used by another
        assertThat(order.postSendAt(4, near[1].pair, write(1, 4), 0, seconds())).isTrue();
        for (int position = 6; position < 20; position++) {
            assertThat(order.postSend(near[0].pair, write(0, position))).isEqualTo(position);
            if (position == 6) {
                assertTaken(4, 4);
            }
            assertTaken(position, position);
        }
    }

    @Test
    @DisplayName("failures are completions like others, at their positions")
    final void failures() {
        assertThat(order.postSend(near[1].pair, send(1, 10))).isZero();
        SendRequest bad = near[0].request(11, 0, 8).write(far[0].address(0), far[0].memory.rkey() + 0x100);
        assertThat(order.postSend(near[0].pair, bad)).isEqualTo(1);
        assertThat(order.postSend(near[0].pair, write(0, 12))).isEqualTo(2);
        assertNothingToTake();
        let(1);
        assertTaken(0, 10);
        assertTaken(1, 11);
        assertThat(result.status()).isEqualTo(WorkCompletionStatus.REM_ACCESS_ERR);
        assertTaken(2, 12);
        assertThat(result.status()).isEqualTo(WorkCompletionStatus.WR_FLUSH_ERR);
    }

    @Test
    @DisplayName("what cannot be posted takes no position, and holds up nobody")
    final void refusedPosts() {
        SendRequest negative = new SendRequest().sge(new ScatterGatherElement().set(0, -1, 0));
        refused("postSend", Errno.EINVAL, () -> order.postSend(near[0].pair, negative));
        assertThat(order.postSend(near[0].pair, write(0, 0))).isZero();
        refused("postSend", Errno.EINVAL, () -> order.postSendAt(2, near[0].pair, negative, 0, seconds()));
        assertThat(order.postSendAt(2, near[0].pair, write(0, 2), 0, seconds())).isTrue();
        assertThat(order.postSendAt(1, near[1].pair, write(1, 1), 0, seconds())).isTrue();
        for (int i = 0; i < 3; i++) {
            assertTaken(i, i);
        }
    }

    @Test
    @DisplayName(
            "many post to all queue pairs, several take: each position once, with its own completion, none left out")
    final void manyThreads() throws Throwable {
        int posters = 4;
        int each = Math.max(50, load(5_000));
        int all = posters * each;
        long[] ids = new long[all];
        int[] takenBy = new int[all];
        AtomicInteger taken = new AtomicInteger();
        AtomicLong sum = new AtomicLong();
        List<Deadline.Running> threads = new ArrayList<>();
        for (int p = 0; p < posters; p++) {
            int poster = p;
            threads.add(Deadline.start("poster " + p, () -> {
                long last = -1;
                for (int i = 0; i < each; i++) {
                    long id = poster * 1_000_000L + i;
                    int pair = (poster + i) % near.length;
                    long position = order.postSend(near[pair].pair, write(pair, id));
                    assertThat(position).isGreaterThan(last).isLessThan(all);
                    last = position;
                    synchronized (ids) {
                        ids[(int) position] = id + 1;
                    }
                    sum.addAndGet(id);
                }
            }));
        }
        long[] seen = new long[all];
        for (int t = 0; t < 2; t++) {
            threads.add(Deadline.start("taker " + t, () -> {
                WorkCompletion own = new WorkCompletion();
                long last = -1;
                while (taken.getAndIncrement() < all) {
                    long position = order.take(own, 20, TimeUnit.SECONDS);
                    assertThat(position).isGreaterThan(last);
                    assertThat(own.isSuccess()).isTrue();
                    last = position;
                    synchronized (ids) {
                        seen[(int) position] = own.wrId() + 1;
                        takenBy[(int) position]++;
                    }
                }
            }));
        }
        for (Deadline.Running thread : threads) {
            thread.join(java.time.Duration.ofSeconds(25));
        }
        synchronized (ids) {
            assertThat(seen).isEqualTo(ids);
            assertThat(Arrays.stream(takenBy).allMatch(count -> count == 1)).isTrue();
        }
    }

    @Test
    @DisplayName("a time that is over and an interrupt end a wait; closing wakes everyone with EBADF")
    final void ends() throws Throwable {
        long start = System.nanoTime();
        assertThat(order.take(result, 15, TimeUnit.MILLISECONDS)).isEqualTo(-1);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(15_000_000);
        Deadline.Running interrupted = Deadline.start("is interrupted", () -> {
            assertThat(order.take(new WorkCompletion())).isEqualTo(-1);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        });
        Deadline.awaitBlocked(interrupted.thread());
        interrupted.thread().interrupt();
        interrupted.join();
        for (int i = 0; i < WINDOW; i++) {
            assertThat(order.postSend(near[i % 3].pair, i == 0 ? send(0, 0) : write(i % 3, i)))
                    .isEqualTo(i);
        }
        List<Deadline.Running> waiting = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiting.add(Deadline.start("takes", () -> isClosed("take", () -> order.take(new WorkCompletion()))));
            waiting.add(Deadline.start(
                    "posts", () -> isClosed("postSend", () -> order.postSend(near[0].pair, write(0, 1)))));
            waiting.add(Deadline.start(
                    "places",
                    () -> isClosed(
                            "postSendAt",
                            () -> order.postSendAt(WINDOW + 5, near[0].pair, write(0, 1), 1, TimeUnit.DAYS))));
        }
        for (Deadline.Running thread : waiting) {
            Deadline.awaitBlocked(thread.thread());
        }
        order.close();
        for (Deadline.Running thread : waiting) {
            thread.join();
        }
        order.close();
        isClosed("take", () -> order.take(result));
        isClosed("skip", () -> order.skip(1));
    }

    @Test
    @DisplayName("closing the context wakes everyone with EBADF")
    final void contextCloses() throws Throwable {
        List<Deadline.Running> waiting = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiting.add(Deadline.start("takes", () -> isClosed("take", () -> order.take(new WorkCompletion()))));
        }
        for (Deadline.Running thread : waiting) {
            Deadline.awaitBlocked(thread.thread());
        }
        context.close();
        for (Deadline.Running thread : waiting) {
            thread.join();
        }
    }

    private static void isClosed(String method, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        VerbsException unused = refused("OrderedCompletions." + method, Errno.EBADF, call);
    }

    @Test
    @DisplayName("what somebody else posted is noticed: whoever waits is told (EINVAL)")
    final void foreign() {
        near[0].post(near[0].request(7, 0, 8).write(far[0].address(64), far[0].memory.rkey()));
        refused("OrderedCompletions.take", Errno.EINVAL, () -> order.take(result, 10, TimeUnit.SECONDS));
    }

    @Test
    @DisplayName("wrong arguments are refused (EINVAL)")
    final void badArguments() {
        WaitOptions sleep = WaitOptions.SLEEP;
        refused("OrderedCompletions", Errno.EINVAL, () -> OrderedCompletions.of(0, sleep, queues));
        refused("OrderedCompletions", Errno.EINVAL, () -> OrderedCompletions.of((1 << 20) + 1, sleep, queues));
        refused("OrderedCompletions", Errno.EINVAL, () -> OrderedCompletions.of(1, null, queues));
        refused("OrderedCompletions", Errno.EINVAL, () -> OrderedCompletions.of(1, sleep));
        refused("OrderedCompletions", Errno.EINVAL, () -> OrderedCompletions.of(1, sleep, (CompletionQueue[]) null));
        refused("OrderedCompletions", Errno.EINVAL, () -> OrderedCompletions.of(1, sleep, queues[0], null));
        refused(
                "OrderedCompletions",
                Errno.EINVAL,
                () -> OrderedCompletions.of(1, sleep, context.createCompletionQueue(1)));
        refused("CompletionWaiter.add", Errno.EINVAL, () -> OrderedCompletions.of(1, sleep, queues[0], queues[0]));
        CompletionQueue elsewhere = queueOn(context.createCompletionChannel(), 4);
        refused("CompletionWaiter.add", Errno.EINVAL, () -> OrderedCompletions.of(1, sleep, queues[0], elsewhere));
        String post = "OrderedCompletions.postSend";
        refused(post, Errno.EINVAL, () -> order.postSend(null, write(0, 1)));
        refused(post, Errno.EINVAL, () -> order.postSend(near[0].pair, null));
        refused(post, Errno.EINVAL, () -> order.postSend(near[0].pair, write(0, 1), 1, null));
        refused(
                post,
                Errno.EINVAL,
                () -> order.postSend(near[0].pair, write(0, 1).next(write(0, 2))));
        refused(post, Errno.EINVAL, () -> order.postSend(far[0].pair, write(0, 1)));
        refused(
                "OrderedCompletions.postReceive",
                Errno.EINVAL,
                () -> order.postReceive(near[0].pair, null, 0, seconds()));
        refused("OrderedCompletions.take", Errno.EINVAL, () -> order.take(null));
        refused("OrderedCompletions.take", Errno.EINVAL, () -> order.take(result, 1, null));
        assertThat(order.postSend(near[0].pair, write(0, 1))).isZero();
    }
}
