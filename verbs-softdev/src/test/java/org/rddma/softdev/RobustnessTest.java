package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.WorkCompletionStatus;
import org.rddma.verbs.app.CompletionWaiter;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.app.WaitOptions;

@Timeout(60)
class RobustnessTest {
    private static final int ALL =
            AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC;

    private SoftContext context;
    private SoftProtectionDomain domain;
    private SoftCompletionChannel channel;
    private SoftCompletionQueue queue;

    @BeforeEach
    void open() {
        context = SoftDevice.open("soft0");
        domain = context.allocateProtectionDomain();
        channel = context.createCompletionChannel();
        queue = queue();
    }

    @AfterEach
    void close() {
        context.close();
    }

    private SoftCompletionQueue queue() {
        return context.createCompletionQueue(
                new CompletionQueueAttributes().entries(1024).channel(channel));
    }

    private SoftQueuePair pair(SoftCompletionQueue completions, int depth) {
        return domain.createQueuePair(new QueuePairInitAttributes()
                .completionQueue(completions)
                .maxSendRequests(depth)
                .maxReceiveRequests(depth));
    }

    private SoftQueuePair connectedToItself(SoftCompletionQueue completions, int depth) {
        SoftQueuePair pair = pair(completions, depth);
        Endpoint.connect(pair, pair);
        return pair;
    }

    private WorkCompletion polled(SoftCompletionQueue from) {
        WorkCompletion completion = new WorkCompletion();
        assertThat(from.poll(completion)).isTrue();
        return completion;
    }

    private static SendRequest write(SoftMemoryRegion from, SoftMemoryRegion to, int bytes) {
        return new SendRequest()
                .write(to.address(), to.rkey())
                .flags(SendFlags.SIGNALED)
                .sge(new ScatterGatherElement(from, 0, bytes));
    }

    @Test
    @DisplayName("a queue pair that two threads keep busy can be queried, and taken to the error state")
    void modifyUnderTraffic() throws Exception {
        SoftMemoryRegion memory = domain.allocateMemory(1 << 20, ALL);
        SoftQueuePair pair = connectedToItself(queue, 1024);
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> streams = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            streams.add(new Thread(() -> {
                SendRequest request = write(memory, memory, 1 << 20);
                WorkCompletion completion = new WorkCompletion();
                while (!stop.get() && pair.state() == QueuePairState.RTS) {
                    if (pair.postSend(request) != null) {
                        while (queue.poll(completion)) {
                            Thread.onSpinWait();
                        }
                    }
                }
            }));
        }
        Thread modifier = new Thread(() -> {
            for (int i = 0; i < 100; i++) {
                assertThat(pair.query().state()).isEqualTo(QueuePairState.RTS);
            }
            pair.modify(new QueuePairAttributes().state(QueuePairState.ERR));
        });
        streams.forEach(Thread::start);
        modifier.start();
        modifier.join(TimeUnit.SECONDS.toMillis(40));
        boolean doneUnderTraffic = !modifier.isAlive();
        stop.set(true); // whatever happened: then all can end
        for (Thread stream : streams) {
            stream.join();
        }
        modifier.join();
        assertThat(doneUnderTraffic).isTrue();
        assertThat(pair.state()).isEqualTo(QueuePairState.ERR);
    }

    @Test
    @DisplayName("once a region is closed nothing is written into it any more, though a copy was under way")
    void closeStopsCopies() throws Exception {
        int bytes = 1 << 28;
        SoftMemoryRegion from = domain.allocateMemory(bytes, 0);
        SoftMemoryRegion to = domain.allocateMemory(bytes, ALL);
        ByteBuffer source = from.buffer();
        ByteBuffer target = to.buffer();
        source.put(0, (byte) 1).put(bytes - 1, (byte) 1);
        SoftQueuePair pair = connectedToItself(queue, 1);
        Thread writer = new Thread(
                () -> assertThat(pair.postSend(write(from, to, bytes))).isNull());
        writer.start();
        while (target.get(0) == 0) {
            Thread.onSpinWait();
        }
        to.close();
        byte atClose = target.get(bytes - 1);
        writer.join();
        assertThat(target.get(bytes - 1)).isEqualTo(atClose);
    }

    @Test
    @DisplayName("the key of a closed region opens no later one that has its place")
    void staleKeys() {
        List<Integer> keys = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            SoftMemoryRegion region = domain.allocateMemory(1, 0);
            keys.add(region.rkey());
            region.close();
        }
        assertThat(keys).doesNotHaveDuplicates();
    }

    @Test
    @Tag("slow")
    @Timeout(300) // gigabytes are set to zero
    @DisplayName("closed queue pairs that were waiting for an answer for hours leave no memory behind")
    void timersDoNotKeepQueuePairs() {
        SoftMemoryRegion memory = domain.allocateMemory(8, ALL);
        for (int i = 0; i < 600; i++) { // 8 MiB each, with a limit of 4 GiB
            SoftQueuePair pair = domain.createQueuePair(
                    new QueuePairInitAttributes().completionQueue(queue).maxSendRequests(65536));
            new Endpoint(context.queryGid(1, 0), 0xFFFFF0, 0).connect(pair); // nobody is there
            pair.modify(new QueuePairAttributes().state(QueuePairState.SQD));
            pair.modify(new QueuePairAttributes().timeout(31));
            pair.modify(new QueuePairAttributes().state(QueuePairState.RTS));
            assertThat(pair.postSend(write(memory, memory, 8))).isNull();
            pair.close();
        }
        assertThat(context.isClosed()).isFalse();
    }

    @Test
    @DisplayName("timeout 0 waits for ever: a send queue that drains so is ended by going to the error state")
    void endlessTimeout() {
        SoftMemoryRegion memory = domain.allocateMemory(8, ALL);
        SoftQueuePair pair = pair(queue, 1);
        new Endpoint(context.queryGid(1, 0), 0xFFFFF0, 0).connect(pair);
        pair.modify(new QueuePairAttributes().state(QueuePairState.SQD));
        pair.modify(new QueuePairAttributes().timeout(0).retryCount(1));
        pair.modify(new QueuePairAttributes().state(QueuePairState.RTS));
        assertThat(queue.requestNotify(NotificationType.ANY)).isFalse();
        assertThat(pair.postSend(write(memory, memory, 8))).isNull();
        pair.modify(new QueuePairAttributes().state(QueuePairState.SQD));
        assertThat(pair.query().draining()).isTrue();
        pair.modify(new QueuePairAttributes().state(QueuePairState.ERR));
        assertThat(channel.getEvent(20, TimeUnit.SECONDS)).isSameAs(queue);
        queue.ackEvents(1);
        assertThat(polled(queue).status()).isEqualTo(WorkCompletionStatus.WR_FLUSH_ERR);
    }

    @Test
    @DisplayName("an atomic moves 8 bytes, however long its element is")
    void atomicLength() {
        SoftMemoryRegion memory = domain.allocateMemory(32768, ALL);
        SoftQueuePair pair = connectedToItself(queue, 1);
        assertThat(pair.postSend(new SendRequest()
                        .fetchAndAdd(memory.address(), memory.rkey(), 1)
                        .flags(SendFlags.SIGNALED)
                        .sge(new ScatterGatherElement(memory, 8192, 16384))))
                .isNull();
        assertThat(polled(queue).byteLength()).isEqualTo(8);
    }

    @Test
    @DisplayName("a chain that ends in itself is posted until the queue is full")
    void cyclicChains() {
        SoftQueuePair pair = connectedToItself(queue, 8);
        ReceiveRequest receive = new ReceiveRequest();
        assertThat(pair.postReceive(receive.next(receive))).isSameAs(receive);
        SendRequest send = new SendRequest().send();
        assertThat(pair.postSend(send.next(send))).isSameAs(send);
    }

    @Test
    @DisplayName("a wake-up that comes together with an event ends the next wait")
    void wakeupWithEvent() throws Exception {
        SoftQueuePair pair = connectedToItself(queue, 64);
        for (int i = 0; i < 50; i++) {
            assertThat(queue.requestNotify(NotificationType.ANY)).isFalse();
            AtomicBoolean woken = new AtomicBoolean();
            Thread waiter = new Thread(() -> {
                for (int wait = 0; wait < 2; wait++) { // an event and a wake-up, in any order
                    if (channel.getEvent() == null) {
                        woken.set(true);
                    } else {
                        queue.ackEvents(1);
                    }
                }
            });
            waiter.start();
            assertThat(pair.postReceive(new ReceiveRequest())).isNull();
            assertThat(pair.postSend(new SendRequest().send())).isNull();
            channel.wakeup();
            waiter.join();
            assertThat(woken).isTrue();
            polled(queue);
        }
    }

    @Test
    @DisplayName("a waiter serves a queue whose event is there though another queue is never empty")
    void waiterIsFair() {
        SoftCompletionQueue other = queue();
        SoftQueuePair busy = connectedToItself(queue, 64);
        SoftQueuePair quiet = connectedToItself(other, 8);
        CompletionWaiter waiter = new CompletionWaiter(channel, WaitOptions.SLEEP);
        waiter.add(queue);
        waiter.add(other);
        WorkCompletion[] one = WorkCompletion.array(1);
        assertThat(waiter.await(one, 1, TimeUnit.MILLISECONDS)).isZero(); // arms both
        complete(busy);
        complete(busy);
        assertThat(waiter.await(one)).isEqualTo(1); // from now on the busy queue is never empty
        complete(quiet);
        boolean served = false;
        for (int i = 0; i < 10 && !served; i++) {
            complete(busy);
            assertThat(waiter.await(one)).isEqualTo(1);
            served = waiter.queue() == other;
        }
        assertThat(served).isTrue();
    }

    @Test
    @DisplayName("a waiter for solicited completions takes those that are not, when it looks")
    void waiterSeesUnsolicited() {
        SoftQueuePair pair = connectedToItself(queue, 8);
        CompletionWaiter waiter =
                CompletionWaiter.of(queue, new WaitOptions(Duration.ZERO, Duration.ZERO, NotificationType.SOLICITED));
        WorkCompletion[] one = WorkCompletion.array(1);
        assertThat(waiter.await(one, 1, TimeUnit.MILLISECONDS)).isZero(); // arms
        complete(pair);
        assertThat(waiter.await(one, 0, TimeUnit.MILLISECONDS)).isEqualTo(1);
    }

    @Test
    @DisplayName("a waiter passes over the event of a queue that was removed")
    void waiterAfterRemove() {
        SoftCompletionQueue other = queue();
        SoftQueuePair removed = connectedToItself(other, 8);
        SoftQueuePair kept = connectedToItself(queue, 8);
        CompletionWaiter waiter = new CompletionWaiter(channel, WaitOptions.SLEEP);
        waiter.add(queue);
        waiter.add(other);
        WorkCompletion[] one = WorkCompletion.array(1);
        assertThat(waiter.await(one, 1, TimeUnit.MILLISECONDS)).isZero(); // arms both
        waiter.remove(other);
        complete(removed);
        complete(kept);
        assertThat(waiter.await(one)).isEqualTo(1);
        assertThat(waiter.queue()).isSameAs(queue);
        assertThat(other.unacknowledgedEvents()).isZero();
    }

    private static void complete(SoftQueuePair pair) {
        assertThat(pair.postReceive(new ReceiveRequest())).isNull();
        assertThat(pair.postSend(new SendRequest().send())).isNull();
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_22)
    @DisplayName("memory of a closed arena fails the side that it belongs to, and nothing runs twice")
    void closedArena() throws Exception {
        Class<?> arenas = Class.forName("java.lang.foreign.Arena");
        AutoCloseable arena = (AutoCloseable) arenas.getMethod("ofShared").invoke(null);
        Object segment = arenas.getMethod("allocate", long.class, long.class).invoke(arena, 64L, 8L);
        ByteBuffer buffer = (ByteBuffer) Class.forName("java.lang.foreign.MemorySegment")
                .getMethod("asByteBuffer")
                .invoke(segment);
        SoftMemoryRegion gone = domain.registerMemory(buffer, ALL);
        SoftMemoryRegion counter = domain.allocateMemory(8, ALL);
        SoftQueuePair sender = pair(queue, 4);
        SoftQueuePair receiver = pair(queue, 4);
        Endpoint.connect(sender, receiver);
        arena.close();
        assertThat(sender.postSend(new SendRequest()
                        .fetchAndAdd(counter.address(), counter.rkey(), 1)
                        .sge(new ScatterGatherElement(gone, 0, 8))))
                .isNull();
        assertThat(polled(queue).status()).isEqualTo(WorkCompletionStatus.LOC_PROT_ERR);
        assertThat(counter.buffer().getLong(0)).isLessThanOrEqualTo(1);
        assertThat(receiver.state()).isEqualTo(QueuePairState.RTS);
        assertThatThrownBy(() -> domain.registerMemory(buffer, ALL)).hasMessageContaining("EFAULT");
    }

    @Test
    @DisplayName("a device that cannot be is refused")
    void impossibleDevices() {
        SoftFabric fabric = new SoftFabric();
        assertThatThrownBy(() -> fabric.addDevice(null, SoftDeviceOptions.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> fabric.addDevice("", SoftDeviceOptions.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> fabric.addDevice("a", null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SoftDeviceOptions.DEFAULT.withVectors(0, false))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
