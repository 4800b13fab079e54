package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;

/** Many objects at a time: the numbers that the device promises, and queues that several use. */
public abstract class SharingConformance extends DeviceConformance {
    @Test
    @DisplayName("§2.4(1) 200 queue pairs on one queue: of each, all completions come once and in order")
    final void manyPairsOneQueue() {
        End hub = new End(context, new EndSpec().queueEntries(8192).oneQueue());
        List<QueuePair> pairs = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            QueuePair pair = hub.createPair(new EndSpec().depth(8));
            new Wiring().connect(pair, pair);
            pairs.add(pair);
        }
        SendRequest write = hub.request(0, 0, 8).write(hub.address(64), hub.memory.rkey());
        for (int id = 0; id < 8; id++) {
            for (QueuePair pair : pairs) {
                assertThat(pair.postSend(write.wrId(id))).isNull();
            }
        }
        Map<Integer, Long> next = new HashMap<>();
        for (WorkCompletion completion : Completions.take(hub.sends, 1600)) {
            long expected = next.merge(completion.queuePairNumber(), 1L, Long::sum) - 1;
            assertThat(completion.wrId()).isEqualTo(expected);
        }
        assertThat(next)
                .hasSize(200)
                .allSatisfy((number, count) -> assertThat(count).isEqualTo(8));
    }

    @Test
    @DisplayName("queue pair numbers are 24 bits, not 0, and unique in the device while they live")
    final void numbers() {
        End hub = new End(context, new EndSpec());
        Context second = openAnother();
        End other = new End(second, new EndSpec());
        java.util.Set<Integer> numbers = new java.util.HashSet<>();
        for (int i = 0; i < 500; i++) {
            QueuePair one = hub.createPair(new EndSpec().depth(1));
            QueuePair two = other.createPair(new EndSpec().depth(1));
            assertThat(one.number()).isBetween(2, 0xFFFFFF);
            assertThat(numbers.add(one.number())).isTrue();
            assertThat(numbers.add(two.number())).isTrue();
            if (i % 2 == 0) {
                one.close();
                numbers.remove(one.number());
            }
        }
    }

    @Test
    @HangGuard(seconds = 60)
    @DisplayName(
            "65536 queue pairs, 4096 queues and 4096 channels at a time, and messages between the first and the last")
    final void many() {
        End first = new End(context, new EndSpec().depth(4));
        CompletionQueue shared = context.createCompletionQueue(16);
        EndSpec small = new EndSpec().depth(1).elements(1).inline(0);
        QueuePair last = null;
        for (int i = 0; i < load(65536); i++) {
            last = first.createPair(small);
        }
        new Wiring().connect(first.pair, last);
        assertThat(last.postReceive(new org.rddma.verbs.ReceiveRequest(7, first.piece(64, 8))))
                .isNull();
        first.post(first.request(8, 0, 8));
        assertThat(Completions.next(first.sends).wrId()).isEqualTo(8);
        assertThat(Completions.next(first.receives).wrId()).isEqualTo(7);
        List<CompletionQueue> queues = new ArrayList<>();
        List<CompletionChannel> channels = new ArrayList<>();
        int channelCount = Math.min(4096, Descriptors.limit() - 300); // each is a descriptor
        for (int i = 0; i < 4096; i++) {
            if (i < channelCount) {
                channels.add(context.createCompletionChannel());
            }
            queues.add(queueOn(channels.get(i % channels.size()), 2));
        }
        CompletionQueue chosen = queues.get(4095);
        chosen.requestNotify(NotificationType.ANY);
        new Ticker(context, chosen).sent(1);
        assertEvent(chosen.channel(), chosen);
        assertThat(shared.poll(new WorkCompletion())).isFalse();
    }

    @Test
    @DisplayName("the largest queue that the device offers can be made, filled and emptied")
    final void largestQueue() {
        int entries = context.device().attributes().limits().maxCompletionQueueEntries();
        assertThat(entries).isGreaterThanOrEqualTo(1 << 20);
        CompletionQueue queue = context.createCompletionQueue(entries);
        assertThat(queue.capacity()).isGreaterThanOrEqualTo(entries);
        End end = new End(context, new EndSpec().depth(1 << 14), queue);
        new Wiring().connect(end, end);
        SendRequest write = end.request(0, 0, 8).write(end.address(64), end.memory.rkey());
        for (int i = 0; i < 1 << 14; i++) {
            end.post(write.wrId(i));
        }
        for (int i = 0; i < 1 << 14; i++) {
            assertThat(Completions.next(queue).wrId()).isEqualTo(i);
        }
    }

    @Test
    @DisplayName("what others post while a thread is busy with a long message is executed, however much it is")
    final void postedWhileBusy() throws Throwable {
        int length = 64 << 20;
        int count = 400;
        End end = new End(context, new EndSpec().depth(512).queueEntries(1024).memory(2 * length));
        new Wiring().connect(end, end);
        for (byte round = 1; round <= 3; round++) {
            byte first = round;
            end.memory.buffer().put(0, first);
            SendRequest large = end.request(-1, 0, length).write(end.address(length), end.memory.rkey());
            Deadline.Running busy = Deadline.start("posts a long message", () -> end.post(large));
            Deadline.await("its first byte", () -> end.memory.buffer().get(length) == first);
            SendRequest small = end.request(0, 0, 8).write(end.address(length + 64), end.memory.rkey());
            for (int i = 0; i < count; i++) {
                end.post(small.wrId(i));
            }
            int next = 0;
            for (WorkCompletion completion : Completions.take(end.sends, count + 1)) {
                assertThat(completion.isSuccess()).isTrue();
                if (completion.wrId() != -1) {
                    assertThat(completion.wrId()).isEqualTo(next++);
                }
            }
            busy.join();
        }
    }

    @Test
    @DisplayName("§2.4 two threads, each an end, send to each other as fast as they can")
    final void bothDirections() throws Throwable {
        int messages = load(100_000);
        Pair pair = pair(new EndSpec().depth(64).queueEntries(512));
        Deadline.Running a = Deadline.start("end a", () -> pump(pair.a(), messages));
        Deadline.Running b = Deadline.start("end b", () -> pump(pair.b(), messages));
        a.join(Duration.ofSeconds(20));
        b.join(Duration.ofSeconds(20));
    }

    private static void pump(End end, int messages) {
        org.rddma.verbs.ReceiveRequest receive = new org.rddma.verbs.ReceiveRequest(0, end.piece(0, 64));
        SendRequest send = end.request(0, 1024, 64);
        WorkCompletion completion = new WorkCompletion();
        int posted = 0;
        int received = 0;
        int sending = 0;
        int sent = 0;
        while (received < messages || sent < messages) {
            while (posted < messages && posted - received < 64 && end.pair.postReceive(receive.wrId(posted)) == null) {
                posted++;
            }
            if (sending < messages && sending - sent < 32 && end.pair.postSend(send.wrId(sending)) == null) {
                sending++;
            }
            boolean idle = true;
            while (end.sends.poll(completion)) {
                assertThat(completion.isSuccess()).isTrue();
                assertThat(completion.wrId()).isEqualTo(sent++);
                idle = false;
            }
            while (end.receives.poll(completion)) {
                assertThat(completion.isSuccess()).isTrue();
                assertThat(completion.wrId()).isEqualTo(received++);
                idle = false;
            }
            if (idle) {
                Thread.yield();
            }
        }
    }
}
