package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.conformance.Completions;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.End;
import org.rddma.verbs.conformance.HangGuard;
import org.rddma.verbs.conformance.Wiring;
import org.rddma.verbs.conformance.remote.RemoteDevice;

/** The stand-ins of a device in another process behave as the device does, or suites would test something else. */
@HangGuard(seconds = 60)
final class RemoteDeviceTest {
    private RemoteDevice remote;
    private Context context;
    private ProtectionDomain domain;
    private MemoryRegion memory;
    private CompletionQueue queue;
    private QueuePair pair;

    @BeforeEach
    void start() {
        remote = new RemoteDevice("soft0");
        context = remote.open();
        domain = context.allocateProtectionDomain();
        memory = domain.allocateMemory(4096, End.ALL_RIGHTS);
        queue = context.createCompletionQueue(16);
        pair = domain.createQueuePair(new QueuePairInitAttributes()
                .completionQueue(queue)
                .maxSendRequests(8)
                .maxReceiveRequests(8));
        new Wiring().connect(pair, pair);
    }

    @AfterEach
    void stop() {
        remote.close();
    }

    private SendRequest request(long id, MemoryRegion region) {
        return new SendRequest()
                .wrId(id)
                .flags(SendFlags.SIGNALED)
                .sge(new ScatterGatherElement(memory, 0, 64))
                .write(region.address() + 64, region.rkey());
    }

    private void done(SendRequest request) {
        assertThat(pair.postSend(request)).isNull();
        assertThat(Completions.next(queue).isSuccess()).isTrue();
    }

    @Test
    void memoryThatIsWrittenThereIsSeenHere() {
        memory.buffer().putLong(0, 0x1234_5678_9ABC_DEF0L);
        done(request(1, memory));
        assertThat(memory.buffer().getLong(64)).isEqualTo(0x1234_5678_9ABC_DEF0L);
        ByteBuffer mine = remote.memory(128).order(memory.buffer().order());
        MemoryRegion region = domain.registerMemory(mine, End.ALL_RIGHTS);
        done(request(2, region));
        assertThat(mine.getLong(64)).isEqualTo(0x1234_5678_9ABC_DEF0L);
        mine.putLong(0, 5);
        assertThat(region.buffer().order(mine.order()).getLong(0)).isEqualTo(5);
    }

    @Test
    void objectsAndRequestsComeBackAsWhatTheyWere() {
        assertThat(pair.protectionDomain()).isSameAs(domain);
        assertThat(pair.toString()).contains("soft0");
        SendRequest culprit = request(2, memory).flags(1 << 30);
        SendRequest first = request(1, memory).next(culprit);
        VerbsException refusal = catchThrowableOfType(VerbsException.class, () -> pair.postSend(first));
        assertThat(refusal.errno()).isEqualTo(Errno.EINVAL);
        assertThat(refusal.badRequest()).containsSame(culprit);
        ReceiveRequest full = new ReceiveRequest(1, new ScatterGatherElement(memory));
        ReceiveRequest ring = new ReceiveRequest(2, new ScatterGatherElement(memory)).next(full);
        assertThat(pair.postReceive(full.next(ring))).isIn(full, ring); // it bites its tail, until there is no room
    }

    @Test
    void completionsAreFilledAndHandledHere() {
        for (int id = 0; id < 3; id++) {
            assertThat(pair.postSend(request(id, memory))).isNull();
        }
        List<Long> handled = new ArrayList<>();
        Deadline.await("two are handled", () -> {
            int unused = queue.poll(completion -> handled.add(completion.wrId()), 2 - handled.size());
            return handled.size() == 2;
        });
        WorkCompletion[] rest = WorkCompletion.array(4);
        Deadline.await("one more", () -> queue.poll(rest) == 1);
        assertThat(handled).containsExactly(0L, 1L);
        assertThat(rest[0].wrId()).isEqualTo(2);
    }

    @Test
    void whoWaitsIsWokenByItsInterruptAndByOthers() throws Throwable {
        CompletionChannel channel = context.createCompletionChannel();
        Deadline.Running waiting = Deadline.start("waits", () -> {
            assertThat(channel.getEvent()).isNull();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        });
        remote.awaitBlocked(waiting.thread());
        waiting.thread().interrupt();
        waiting.join();
        Deadline.Running another = Deadline.start(
                "waits too",
                () -> assertThat(channel.getEvent(1, TimeUnit.MINUTES)).isNull());
        remote.awaitBlocked(another.thread());
        channel.wakeup();
        another.join();
    }

    @Test
    void aProcessThatIsGoneIsAnErrorAndNoHang() throws Throwable {
        CompletionChannel channel = context.createCompletionChannel();
        Deadline.Running waiting = Deadline.start(
                "waits", () -> assertThatThrownBy(channel::getEvent).isInstanceOf(UncheckedIOException.class));
        remote.awaitBlocked(waiting.thread());
        remote.close();
        waiting.join();
        assertThatThrownBy(context::device).isInstanceOf(UncheckedIOException.class);
    }
}
