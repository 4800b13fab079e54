package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.WaitOptions;
import org.rddma.verbs.app.WorkQueue;
import org.rddma.verbs.app.WorkQueueHandler;
import org.rddma.verbs.app.WorkQueueOptions;
import org.rddma.verbs.app.WorkQueues;

/** A group of work queues and the thread that serves them. How many they may be has a suite of its own. */
public abstract class WorkQueuesConformance extends DeviceConformance {
    private static final int QUEUES = 8;
    private static final int DEPTH = 4;
    private static final WorkQueueOptions OPTIONS = new WorkQueueOptions(DEPTH, 64, WaitOptions.SLEEP);

    private WorkQueues group;
    private final List<WorkQueue> queues = new ArrayList<>();
    private final List<WorkQueue> clients = new ArrayList<>();

    @BeforeEach
    final void connectQueues() {
        group = WorkQueues.on(context, OPTIONS);
        for (int i = 0; i < QUEUES; i++) {
            WorkQueue queue = group.add(i);
            WorkQueue client = WorkQueue.on(context, OPTIONS);
            new WorkQueueEnds(queue, client).connect();
            queues.add(queue);
            clients.add(client);
        }
    }

    private static ByteBuffer number(long number) {
        return ByteBuffer.allocate(8).putLong(0, number);
    }

    /** Serves until so many messages were taken. */
    private void serve(WorkQueueHandler handler, int messages) {
        int[] taken = new int[1];
        Deadline.await(messages + " messages", () -> {
            taken[0] += group.serve(handler, 1, TimeUnit.MILLISECONDS);
            return taken[0] >= messages;
        });
        assertThat(taken[0]).isEqualTo(messages);
    }

    /** Serves for as long as it takes until nothing more can come. */
    private int serveAll(WorkQueueHandler handler) {
        long settle = Math.max(1, settleTime().toMillis());
        int taken = 0;
        int more;
        do {
            more = group.serve(handler, settle, TimeUnit.MILLISECONDS);
            taken += more;
        } while (more > 0);
        return taken;
    }

    @Test
    @DisplayName("messages of all queues are handed over by one thread, each by its queue, those of one queue in order")
    final void messagesOfAllQueues() {
        int rounds = 20;
        List<List<Long>> received = new ArrayList<>();
        queues.forEach(queue -> received.add(new ArrayList<>()));
        for (int round = 0; round < rounds; round++) {
            for (WorkQueue client : clients) {
                for (int i = 0; i < DEPTH; i++) {
                    assertThat(client.sendSync(number(round * DEPTH + i))).isTrue();
                }
            }
            serve((queue, message) -> received.get((int) queue.userContext()).add(message.getLong()), QUEUES * DEPTH);
        }
        List<Long> inOrder =
                IntStream.range(0, rounds * DEPTH).asLongStream().boxed().toList();
        assertThat(received).allMatch(inOrder::equals);
    }

    @Test
    @DisplayName("an echo service that sleeps between the messages of clients in many threads answers them all")
    final void echoService() throws Throwable {
        int rounds = Math.max(50, load(5_000));
        AtomicBoolean done = new AtomicBoolean();
        Deadline.Running service = Deadline.start("serves", () -> {
            while (!done.get()) {
                int unused = group.serve(WorkQueue::send, Long.MAX_VALUE, TimeUnit.DAYS);
            }
        });
        List<Deadline.Running> threads = new ArrayList<>();
        for (WorkQueue client : clients) {
            threads.add(Deadline.start("client " + threads.size(), () -> {
                for (int i = 0; i < rounds; i++) {
                    assertThat(client.sendSync(WorkQueueEnds.message(i, i % 64)))
                            .isTrue();
                    WorkQueueEnds.assertIs(WorkQueueEnds.next(client), i, i % 64);
                }
            }));
        }
        for (Deadline.Running thread : threads) {
            thread.join(Deadline.PATIENCE.multipliedBy(3));
        }
        done.set(true);
        group.wakeup();
        service.join();
        assertThat(group.statistics().events())
                .as("one event for an arm at most")
                .isLessThanOrEqualTo(group.statistics().arms());
    }

    @Test
    @DisplayName("serve without messages returns 0 in time, when woken, and when interrupted")
    final void serveEnds() throws Throwable {
        WorkQueueHandler none = (queue, message) -> {
            throw new AssertionError("a message");
        };
        for (long micros : new long[] {Long.MIN_VALUE, -1, 0, 1, 20_000}) {
            long start = System.nanoTime();
            assertThat(group.serve(none, micros, TimeUnit.MICROSECONDS)).isZero();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(Math.max(0, micros) * 1_000);
        }
        for (boolean interrupt : new boolean[] {true, false}) {
            Deadline.Running server = Deadline.start("serves", () -> {
                assertThat(group.serve(none, Long.MAX_VALUE, TimeUnit.NANOSECONDS))
                        .isZero();
                assertThat(Thread.currentThread().isInterrupted()).isEqualTo(interrupt);
            });
            Deadline.awaitBlocked(server.thread());
            if (interrupt) {
                server.thread().interrupt();
            } else {
                group.wakeup();
            }
            server.join();
        }
        WorkQueues empty = WorkQueues.on(context, OPTIONS);
        assertThat(empty.serve(none, 1, TimeUnit.MILLISECONDS)).isZero();
    }

    @Test
    @DisplayName("a busy queue is not armed and raises no event, as long as there is something to take")
    final void busyQueueIsMasked() {
        WorkQueueHandler take = (queue, message) -> true;
        assertThat(group.serve(take, 1, TimeUnit.MILLISECONDS)).isZero(); // all are armed now
        long arms = group.statistics().arms();
        assertThat(arms).isGreaterThanOrEqualTo(QUEUES);
        int messages = 0;
        while (messages < 1_000) {
            for (int i = 0; i < 2; i++) {
                assertThat(clients.get(i).sendSync(number(0))).isTrue();
                WorkQueueEnds.awaitAll(clients.get(i));
            }
            for (int before = messages; messages < before + 2; ) {
                messages += group.serve(take, 0, TimeUnit.SECONDS);
            }
        }
        assertThat(group.statistics().arms()).as("arms while busy").isEqualTo(arms);
        assertThat(group.statistics().events())
                .as("events of the two busy queues")
                .isBetween(1L, 2L);
    }

    @Test
    @DisplayName(
            "a queue with many messages gets turns of at most 64, and one with a single message is not kept waiting")
    final void turnsHaveABudget() {
        int many = 150;
        WorkQueueOptions deep = OPTIONS.withDepth(200);
        WorkQueues other = WorkQueues.on(context, deep);
        WorkQueueEnds busy = new WorkQueueEnds(other.add("busy"), WorkQueue.on(context, deep));
        WorkQueueEnds quiet = new WorkQueueEnds(other.add("quiet"), WorkQueue.on(context, deep));
        busy.connect();
        quiet.connect();
        for (int i = 0; i < many; i++) {
            assertThat(busy.b().send(number(i))).isTrue();
        }
        assertThat(quiet.b().send(number(0))).isTrue();
        WorkQueueEnds.awaitAll(busy.b());
        WorkQueueEnds.awaitAll(quiet.b());
        List<Object> order = new ArrayList<>();
        Deadline.await("all messages", () -> {
            int before = order.size();
            int unused = other.serve((queue, message) -> order.add(queue.userContext()), 1, TimeUnit.MILLISECONDS);
            assertThat(order.subList(before, order.size()).stream().filter("busy"::equals))
                    .as("messages of one queue in one turn")
                    .hasSizeLessThanOrEqualTo(64);
            return order.size() == many + 1;
        });
        assertThat(order.indexOf("quiet")).as("messages before the single one").isLessThanOrEqualTo(2 * 64);
    }

    @Test
    @DisplayName("a refused message is offered again, before all others of its queue, when the full queue has room")
    final void refusedMessageComesAgain() {
        WorkQueue queue = queues.get(0);
        WorkQueue client = clients.get(0);
        int filled = new WorkQueueEnds(queue, client).fill(DEPTH);
        assertThat(client.sendSync(number(100))).isTrue();
        assertThat(client.sendSync(number(101))).isTrue();
        AtomicInteger offers = new AtomicInteger();
        List<Long> accepted = new ArrayList<>();
        WorkQueueHandler echo = (from, message) -> {
            offers.incrementAndGet();
            long value = message.getLong(0);
            if (!from.send(message)) {
                return false;
            }
            accepted.add(value);
            return true;
        };
        Deadline.await("the message is offered", () -> {
            assertThat(group.serve(echo, 1, TimeUnit.MILLISECONDS)).isZero();
            return offers.get() > 0;
        });
        assertThat(serveAll(echo)).isZero();
        assertThat(offers).as("offers while nothing has changed").hasValue(1);

        for (int i = 0; i < filled; i++) {
            assertThat(WorkQueueEnds.next(client).getLong()).isEqualTo(i);
        }
        serve(echo, 2);
        assertThat(accepted).containsExactly(100L, 101L);
        assertThat(WorkQueueEnds.next(client).getLong()).isEqualTo(100);
        assertThat(WorkQueueEnds.next(client).getLong()).isEqualTo(101);
    }

    @Test
    @DisplayName(
            "a queue whose message waits for room in another is served again when that has room, fails or is closed")
    final void waitsForAnother() {
        for (int end = 0; end < 3; end++) {
            WorkQueue from = queues.get(2 * end);
            WorkQueue to = queues.get(2 * end + 1);
            WorkQueue reader = clients.get(2 * end + 1);
            new WorkQueueEnds(to, reader).fill(DEPTH);
            assertThat(clients.get(2 * end).sendSync(number(7))).isTrue();
            int[] offers = new int[1];
            WorkQueueHandler forward = new WorkQueueHandler() {
                @Override
                public boolean onMessage(WorkQueue queue, ByteBuffer message) {
                    assertThat(queue).isSameAs(from);
                    offers[0]++;
                    try {
                        return to.send(message);
                    } catch (VerbsException e) {
                        return true;
                    }
                }

                @Override
                public void onFailure(WorkQueue queue, WorkCompletionStatus status) {
                    assertThat(queue).isSameAs(to);
                }
            };
            Deadline.await(
                    "the message is offered",
                    () -> group.serve(forward, 1, TimeUnit.MILLISECONDS) == 0 && offers[0] == 1);
            switch (end) {
                case 0 -> {
                    assertThat(WorkQueueEnds.next(reader).getLong()).isZero();
                    assertThat(WorkQueueEnds.next(reader).getLong()).isEqualTo(1); // gives back the one before
                }
                case 1 -> to.queuePair().modify(to(QueuePairState.ERR));
                default -> to.close();
            }
            serve(forward, 1);
            assertThat(offers[0]).isEqualTo(2);
        }
    }

    @Test
    @DisplayName("a message that is refused for another reason comes again after resume, and not before")
    final void resume() {
        assertThat(clients.get(0).send(number(1))).isTrue();
        assertThat(clients.get(1).send(number(2))).isTrue();
        boolean[] open = new boolean[1];
        int[] refusals = new int[1];
        List<Long> accepted = new ArrayList<>();
        WorkQueueHandler handler = (queue, message) -> {
            if (queue == queues.get(0) && !open[0]) {
                refusals[0]++;
                return false;
            }
            return accepted.add(message.getLong());
        };
        serve(handler, 1);
        assertThat(serveAll(handler)).isZero();
        assertThat(refusals[0]).isEqualTo(1);
        queues.get(0).resume();
        assertThat(serveAll(handler)).isZero();
        assertThat(refusals[0]).isEqualTo(2);
        open[0] = true;
        queues.get(0).resume();
        serve(handler, 1);
        assertThat(accepted).containsExactly(2L, 1L);
        queues.get(0).resume();
        assertThat(serveAll(handler)).isZero();
    }

    @Test
    @DisplayName("what a handler throws comes out of serve; its message counts as taken, and the others come after it")
    final void handlerThrows() {
        for (int i = 0; i < 2 * DEPTH; i++) {
            assertThat(clients.get(0).sendSync(number(i))).isTrue();
            IllegalStateException thrown = new IllegalStateException("by the handler");
            assertThatThrownBy(() -> serve(
                            (queue, message) -> {
                                throw thrown;
                            },
                            1))
                    .isSameAs(thrown);
            assertThat(clients.get(0).sendSync(number(100 + i))).isTrue();
            int value = 100 + i;
            serve((queue, message) -> message.getLong() == value, 1);
        }
    }

    @Test
    @DisplayName("the handler cannot serve, nor receive on its own queue; on others it can do all that waits")
    final void callsInHandler() {
        assertThat(clients.get(0).send(number(1))).isTrue();
        assertThat(clients.get(1).send(number(2))).isTrue();
        List<Long> received = new ArrayList<>();
        serve(
                (queue, message) -> {
                    int index = (int) queue.userContext();
                    WorkQueue other = queues.get(1 - index);
                    refused("WorkQueues.serve", Errno.EBUSY, () -> group.serve((q, m) -> true, 1, TimeUnit.DAYS));
                    refused("WorkQueue.receive", Errno.EBUSY, queue::receive);
                    refused("WorkQueue.receiveSync", Errno.EBUSY, queue::receiveSync);
                    received.add(WorkQueueEnds.next(other).getLong());
                    assertThat(clients.get(2).send(number(3))).isTrue();
                    assertThat(queue.sendSync(message)).isTrue();
                    WorkQueueEnds.awaitAll(queue);
                    return true;
                },
                1);
        assertThat(received).hasSize(1);
        serve(
                (queue, message) -> {
                    assertThat(queue).isSameAs(queues.get(2));
                    return message.getLong() == 3;
                },
                1);
    }

    @Test
    @DisplayName(
            "a failed queue is told once, after its messages; without a handler for it serve fails, and goes on after")
    final void failureIsTold() {
        assertThat(clients.get(0).send(number(1))).isTrue();
        WorkQueueEnds.awaitAll(clients.get(0));
        queues.get(0).queuePair().modify(to(QueuePairState.ERR));
        queues.get(1).queuePair().modify(to(QueuePairState.ERR));
        List<String> told = new ArrayList<>();
        WorkQueueHandler handler = new WorkQueueHandler() {
            @Override
            public boolean onMessage(WorkQueue queue, ByteBuffer message) {
                return told.add(queue.userContext() + " " + message.getLong());
            }

            @Override
            public void onFailure(WorkQueue queue, WorkCompletionStatus status) {
                told.add(queue.userContext() + " " + status);
                queue.close();
            }
        };
        Deadline.await("both are told", () -> {
            int unused = group.serve(handler, 1, TimeUnit.MILLISECONDS);
            return told.size() >= 3;
        });
        assertThat(serveAll(handler)).isZero();
        assertThat(told).containsExactlyInAnyOrder("0 1", "0 WR_FLUSH_ERR", "1 WR_FLUSH_ERR");
        assertThat(told.indexOf("0 1")).isLessThan(told.indexOf("0 WR_FLUSH_ERR"));

        queues.get(2).queuePair().modify(to(QueuePairState.ERR));
        refused(
                "WorkQueues.serve",
                Errno.EIO,
                () -> Deadline.await(
                        "the failure", () -> group.serve((queue, message) -> true, 1, TimeUnit.MILLISECONDS) > 0));
        assertThat(clients.get(3).send(number(4))).isTrue();
        serve((queue, message) -> message.getLong() == 4, 1);
    }

    @Test
    @DisplayName("queues come and go while others are served: closed in the handler, made in the handler, made again")
    final void queuesComeAndGo() {
        for (int i = 0; i < 50; i++) {
            WorkQueue client = WorkQueue.on(context, OPTIONS);
            WorkQueue queue = group.add("new");
            new WorkQueueEnds(queue, client).connect();
            assertThat(client.send(number(i))).isTrue();
            assertThat(client.send(number(-1))).isTrue();
            assertThat(clients.get(i % QUEUES).sendSync(number(i))).isTrue();
            WorkQueueEnds.awaitAll(client);
            int value = i;
            serve(
                    (from, message) -> {
                        assertThat(message.getLong()).isEqualTo(value);
                        if (from == queue) {
                            queue.close();
                            queue.close();
                            group.add().close();
                        }
                        return true;
                    },
                    2);
            client.close();
        }
    }

    @Test
    @DisplayName("closing one queue from outside interrupts nobody else's service, and does not wait for a message")
    final void closeOneFromOutside() throws Throwable {
        AtomicBoolean done = new AtomicBoolean();
        Deadline.Running service = Deadline.start("serves", () -> {
            while (!done.get()) {
                int unused = group.serve(WorkQueue::send, Long.MAX_VALUE, TimeUnit.DAYS);
            }
        });
        for (int i = 0; i < QUEUES - 1; i++) {
            if (i % 2 == 0) {
                Deadline.awaitBlocked(service.thread());
            }
            WorkQueue queue = queues.get(i);
            Deadline.run("closes", Deadline.PATIENCE, queue::close);
            WorkQueue last = clients.get(QUEUES - 1);
            assertThat(last.sendSync(number(i))).isTrue();
            assertThat(WorkQueueEnds.next(last).getLong()).isEqualTo(i);
        }
        done.set(true);
        group.wakeup();
        service.join();
    }

    @Test
    @DisplayName("closing the group ends the service with EBADF, from outside and in the handler, and leaves nothing")
    final void closeGroup() throws Throwable {
        clients.forEach(WorkQueue::close);
        LeakGuard.Snapshot before = LeakGuard.Snapshot.take();
        for (int i = 0; i < 10; i++) {
            boolean inHandler = i % 2 == 0;
            WorkQueues closing = WorkQueues.on(context, OPTIONS);
            WorkQueue queue = closing.add();
            WorkQueue client = WorkQueue.on(context, OPTIONS);
            new WorkQueueEnds(queue, client).connect();
            Deadline.Running service = Deadline.start("serves", () -> {
                WorkQueueHandler handler = (from, message) -> {
                    closing.close();
                    return true;
                };
                refused("WorkQueues.serve", Errno.EBADF, () -> {
                    while (true) {
                        int unused = closing.serve(handler, Long.MAX_VALUE, TimeUnit.DAYS);
                    }
                });
            });
            if (inHandler) {
                assertThat(client.send(number(1))).isTrue();
            } else {
                Deadline.awaitBlocked(service.thread());
                closing.close();
            }
            service.join();
            closing.close();
            queue.close();
            client.close();
            refused("WorkQueues.add", Errno.EBADF, closing::add);
            refused("WorkQueue.send", Errno.EBADF, () -> queue.send(number(1)));
            refused("wakeup", Errno.EBADF, closing::wakeup);
        }
        before.assertNothingLeaked();
    }

    @Test
    @DisplayName("mistakes are refused with a sentence")
    final void mistakes() throws Throwable {
        WorkQueueHandler handler = (queue, message) -> true;
        refused("WorkQueues.on", Errno.EINVAL, () -> WorkQueues.on(null, OPTIONS));
        refused("WorkQueues.on", Errno.EINVAL, () -> WorkQueues.on(context, null));
        refused("WorkQueues.request", Errno.EINVAL, () -> WorkQueues.request(null, OPTIONS));
        refused("WorkQueues.serve", Errno.EINVAL, () -> group.serve(null, 1, TimeUnit.DAYS));
        refused("WorkQueues.serve", Errno.EINVAL, () -> group.serve(handler, 1, null));
        Deadline.Running service = Deadline.start(
                "serves",
                () -> assertThat(group.serve(handler, 1, TimeUnit.DAYS)).isZero());
        Deadline.awaitBlocked(service.thread());
        refused("WorkQueues.serve", Errno.EBUSY, () -> group.serve(handler, 1, TimeUnit.DAYS));
        refused("WorkQueues.add", Errno.EBUSY, group::add);
        refused("WorkQueue.send", Errno.EBUSY, () -> queues.get(0).send(number(1)));
        group.wakeup();
        service.join();
    }
}
