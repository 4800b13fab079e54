package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.app.WaitOptions;
import org.rddma.verbs.app.WaitStatistics;
import org.rddma.verbs.app.WorkQueue;
import org.rddma.verbs.app.WorkQueueHandler;
import org.rddma.verbs.app.WorkQueueOptions;
import org.rddma.verbs.app.WorkQueues;

/** As many queues as a group can have, on one channel and in one thread: nobody starves, one event for an arm at most. */
@HangGuard(seconds = 60)
public abstract class WorkQueuesScaleConformance extends DeviceConformance {
    private static final int DEPTH = 4;
    private static final int FEWEST = 16;

    /** How many of the clients are another thread's. */
    private static final int FLOODS = 8;

    /** How many messages of one queue are taken in one turn at most: the documented budget. */
    private static final int BUDGET = 64;

    private static final WorkQueueOptions OPTIONS = new WorkQueueOptions(DEPTH, 16, WaitOptions.SLEEP);

    private WorkQueues group;
    private WorkQueue[] queues;
    private WorkQueue[] clients;

    @BeforeEach
    final void connectQueues() {
        DeviceLimits limits = context.device().attributes().limits();
        int possible =
                Math.min(Math.min(limits.maxQueuePairs(), limits.maxCompletionQueues()), limits.maxMemoryRegions()) / 2;
        int count = Math.min(Math.min(possible, WorkQueues.MAX_QUEUES), Math.max(FEWEST, load(WorkQueues.MAX_QUEUES)));
        group = WorkQueues.on(context, OPTIONS);
        WorkQueues clientGroup = WorkQueues.on(context, OPTIONS);
        WorkQueues floodGroup = WorkQueues.on(context, OPTIONS);
        queues = new WorkQueue[count];
        clients = new WorkQueue[count];
        for (int i = 0; i < count; i++) {
            queues[i] = group.add(i);
            clients[i] = (i < FLOODS ? floodGroup : clientGroup).add(i);
            new WorkQueueEnds(queues[i], clients[i]).connect();
        }
    }

    private static ByteBuffer number(long number) {
        return ByteBuffer.allocate(8).putLong(0, number);
    }

    @Test
    @DisplayName(
            "all queues are on one channel; the one that is too many is refused, and can be made when one is closed")
    final void oneChannel() {
        assertThat(Arrays.stream(queues)
                        .map(queue -> queue.queuePair().receiveCompletionQueue().channel())
                        .distinct())
                .hasSize(1);
        if (queues.length == WorkQueues.MAX_QUEUES) {
            refused("WorkQueues.add", Errno.ENOMEM, group::add);
            queues[17].close();
            assertThat(group.add().failure()).isNull();
        }
    }

    @Test
    @DisplayName(
            "every queue fires once for a burst of messages, and a message costs one arm, however many queues there are")
    final void oneEventForAnArm() {
        WorkQueueHandler take = (queue, message) -> true;
        assertThat(group.serve(take, 1, TimeUnit.MILLISECONDS)).isZero();
        WaitStatistics armed = group.statistics();
        assertThat(armed.arms()).isEqualTo(queues.length);
        for (int i = 0; i < 3; i++) {
            for (WorkQueue client : clients) {
                assertThat(client.sendSync(number(i))).isTrue();
            }
        }
        for (WorkQueue client : clients) {
            WorkQueueEnds.awaitAll(client);
        }
        serve(take, 3 * queues.length);
        WaitStatistics served = group.statistics();
        assertThat(served.events() - armed.events())
                .as("events of %d queues, armed once", queues.length)
                .isLessThanOrEqualTo(served.arms());
        assertThat(served.events()).isLessThanOrEqualTo(served.arms());
        if (completesInPost()) {
            assertThat(served.arms()).as("no arm while there was work").isEqualTo(armed.arms());
            assertThat(served.events()).isEqualTo(queues.length);
        }

        assertThat(group.serve(take, 1, TimeUnit.MILLISECONDS)).isZero();
        WaitStatistics idle = group.statistics();
        for (int i = 0; i < 10; i++) {
            assertThat(clients[i % clients.length].sendSync(number(i))).isTrue();
            serve(take, 1);
            assertThat(group.serve(take, 1, TimeUnit.MILLISECONDS)).isZero();
        }
        assertThat(group.statistics().arms() - idle.arms())
                .as("arms for ten messages, one after the other")
                .isBetween(10L, 20L);
        assertThat(group.statistics().events() - idle.events()).isEqualTo(10);
    }

    private void serve(WorkQueueHandler handler, int messages) {
        int[] taken = new int[1];
        Deadline.await(messages + " messages", () -> {
            taken[0] += group.serve(handler, 1, TimeUnit.MILLISECONDS);
            return taken[0] >= messages;
        });
        assertThat(taken[0]).isEqualTo(messages);
    }

    @Test
    @DisplayName("when all queues always have messages, all are served equally often")
    final void allAreServedEquallyOften() {
        int[] served = new int[queues.length];
        for (WorkQueue client : clients) {
            for (int i = 0; i < DEPTH - 1; i++) { // with one more the peer would have no room now and then
                assertThat(client.sendSync(number(0))).isTrue();
            }
        }
        WorkQueueHandler another = (queue, message) -> {
            int index = (int) queue.userContext();
            served[index]++;
            assertThat(clients[index].send(message)).isTrue();
            return true;
        };
        int least = Math.max(2, load(5));
        Deadline.await("every queue is served often", () -> {
            int unused = group.serve(another, 1, TimeUnit.MILLISECONDS);
            return Arrays.stream(served).min().getAsInt() >= least * DEPTH;
        });
        if (completesInPost()) {
            assertThat(Arrays.stream(served).max().getAsInt()
                            - Arrays.stream(served).min().getAsInt())
                    .as("messages of the luckiest queue more than of the unluckiest")
                    .isLessThanOrEqualTo(3 * DEPTH);
        }
    }

    @Test
    @DisplayName("some queues that are flooded without end do not keep the others waiting longer than their turns take")
    final void floodStarvesNobody() throws Throwable {
        AtomicLong served = new AtomicLong();
        AtomicBoolean done = new AtomicBoolean();
        WorkQueueHandler handler = (queue, message) -> {
            served.lazySet(served.get() + 1);
            return (int) queue.userContext() < FLOODS || queue.send(number(served.get()));
        };
        Deadline.Running service = Deadline.start("serves", () -> {
            while (!done.get()) {
                int unused = group.serve(handler, 10, TimeUnit.MILLISECONDS);
            }
        });
        Deadline.Running flood = Deadline.start("floods", () -> {
            ByteBuffer message = number(0);
            while (!done.get()) {
                for (int i = 0; i < FLOODS; i++) {
                    boolean unused = clients[i].send(message.rewind());
                }
            }
        });
        long longest = 0;
        for (int i = FLOODS; i < clients.length; i++) {
            assertThat(clients[i].send(number(0))).isTrue();
            long before = served.get(); // not before it is sent: this thread may have to wait in between
            longest = Math.max(longest, WorkQueueEnds.next(clients[i]).getLong() - before);
        }
        done.set(true);
        flood.join();
        service.join();
        if (completesInPost()) {
            assertThat(longest)
                    .as("messages of the flooded queues that were served before a single one of another")
                    .isLessThanOrEqualTo(2L * (FLOODS + 1) * BUDGET);
        }
        assertThat(served.get()).isGreaterThan(clients.length);
    }
}
