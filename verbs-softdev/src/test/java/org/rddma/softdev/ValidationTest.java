package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionFields;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Errno;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendBuilder;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;
import org.rddma.verbs.conformance.LeavesEventsUnacknowledged;
import org.rddma.verbs.layer.Validation;
import org.rddma.verbs.layer.ValidationFinding;
import org.rddma.verbs.layer.ValidationFinding.Kind;

/** Each mistake that the validation layer knows is found, and what is no mistake is not. */
@HangGuard
final class ValidationTest {
    private final LayerWorld world = new LayerWorld(Validation::of);
    private final WorkCompletion[] done = WorkCompletion.array(16);

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void memoryThatChangesWhileItIsSentIsFoundWhenTheCompletionIsPolled() {
        world.b.postReceive(world.receive(1, 100));
        world.a.postSend(world.send(7, 10));
        world.memory.buffer().put(3, (byte) 1);
        assertThat(refused("poll", Errno.EINVAL, () -> world.queue.poll(done)))
                .hasMessageContaining("byte 3 of the memory of send 7")
                .hasMessageContaining(world.a.toString());
        assertThat(world.queue.poll(done)).as("both were polled").isZero();
        assertThat(done[1].wrId()).isEqualTo(7);
    }

    @Test
    void memoryOfAnUnsignalledSendIsWatchedUntilALaterCompletion() {
        world.b.postReceive(world.receive(1, 100).next(world.receive(2, 100)));
        world.a.postSend(world.send(7, 10).flags(0));
        world.memory.buffer().put(9, (byte) 1);
        world.a.postSend(world.send(8, 5));
        assertThat(refused("poll", Errno.EINVAL, () -> world.queue.poll(done))).hasMessageContaining("send 7");
    }

    @Test
    void memoryOfABatchIsWatchedToo() {
        world.b.postReceive(world.receive(1, 100));
        SendBuilder builder = world.a.sendBuilder();
        builder.start();
        builder.wrId(7).flags(SendFlags.SIGNALED).send();
        builder.sge(world.memory.lkey(), world.memory.address(), 10);
        assertThat(builder.complete()).isTrue();
        world.memory.buffer().put(0, (byte) 1);
        CompletionCursor cursor = world.queue.cursor();
        assertThat(cursor.next()).isTrue();
        assertThat(refused("next", Errno.EINVAL, cursor::next)).hasMessageContaining("send 7");
    }

    @Test
    void inlineDataAndWhatLiesBesideAMessageMayChange() {
        QueuePair pair = world.domain.createQueuePair(
                new QueuePairInitAttributes().completionQueue(world.queue).maxInlineData(16));
        Endpoint.connect(pair, pair);
        pair.postReceive(world.receive(1, 100));
        pair.postSend(world.send(7, 10).flags(SendFlags.SIGNALED | SendFlags.INLINE));
        world.memory.buffer().put(0, (byte) 1);
        assertThat(world.queue.poll(done)).isEqualTo(2);
        world.b.postReceive(world.receive(1, 100));
        world.a.postSend(world.send(7, 10));
        world.memory.buffer().put(10, (byte) 1);
        assertThat(world.queue.poll(done)).isEqualTo(2);
        world.memory.buffer().put(0, (byte) 2); // polled
        assertThat(world.queue.poll(done)).isZero();
    }

    @Test
    void whatAnotherRequestReceivesIntoMayChange() {
        ScatterGatherElement both = new ScatterGatherElement(world.memory, 0, 10);
        ScatterGatherElement other = new ScatterGatherElement(world.memory, 100, 10);
        for (int flags : new int[] {SendFlags.SIGNALED, 0}) {
            world.memory.buffer().put(0, (byte) 1).put(100, (byte) 2);
            world.b.postReceive(world.receive(1, 100).next(world.receive(2, 100)));
            world.a.postReceive(new ReceiveRequest(3, both));
            world.a.postSend(world.send(7, 10).flags(flags));
            world.b.postSend(world.send(8, 10).sge(other));
            assertThat(world.memory.buffer().get(0)).as("what was sent").isEqualTo((byte) 2);
            assertThat(world.queue.poll(done)).isEqualTo(flags == 0 ? 3 : 4);
            world.a.postSend(world.send(9, 0)); // says that the unsignalled one is done
            assertThat(world.queue.poll(done)).isEqualTo(2);
        }
    }

    @Test
    void bytesThatAreWrittenBehindAMessageAreFound() {
        world.b.postReceive(world.receive(5, 100));
        world.memory.buffer().put(LayerWorld.HALF + 60, (byte) 1);
        world.a.postSend(world.send(7, 10));
        assertThat(refused("poll", Errno.EINVAL, () -> world.queue.poll(done)))
                .hasMessageContaining("byte 60 of the memory of receive 5")
                .hasMessageContaining("10 bytes");
    }

    @Test
    void aListenerGetsFindingsInPlaceOfExceptions() {
        List<ValidationFinding> findings = new ArrayList<>();
        try (LayerWorld other = new LayerWorld(context -> Validation.of(context, findings::add))) {
            other.b.postReceive(other.receive(1, 100));
            other.a.postSend(other.send(7, 10));
            other.memory.buffer().put(3, (byte) 1);
            assertThat(other.queue.poll(done)).isEqualTo(2);
        }
        assertThat(findings).hasSize(1);
        assertThat(findings.get(0).kind()).isEqualTo(Kind.SENT_MEMORY_CHANGED);
        assertThat(findings.get(0).verb()).isEqualTo("poll");
        assertThat(findings.get(0).toString()).contains("SENT_MEMORY_CHANGED", "send 7");
    }

    @Test
    void memoryIsNotClosedWhileRequestsNameIt() {
        world.b.postReceive(world.receive(1, 100));
        assertThat(refused("close", Errno.EBUSY, world.memory::close))
                .hasMessageContaining(world.memory.toString())
                .hasMessageContaining("1 requests");
        world.a.postSend(world.send(7, 10));
        refused("close", Errno.EBUSY, world.memory::close);
        world.queue.poll(done);
        world.memory.close();
    }

    @Test
    void anAddressHandleIsNotClosedWhileRequestsNameIt() {
        QueuePair pair = world.domain.createQueuePair(
                new QueuePairInitAttributes().type(QueuePairType.UD).completionQueue(world.queue));
        Endpoint.activate(pair);
        AddressHandle handle = world.domain.createAddressHandle(AddressVector.to(world.context.queryGid(1, 0)));
        pair.postSend(world.send(7, 10).datagram(handle, pair.number(), Endpoint.QKEY));
        refused("close", Errno.EBUSY, handle::close);
        pair.close();
        handle.close();
    }

    @Test
    void aCursorIsReadOnlyWhereItStandsOnACompletion() {
        CompletionCursor cursor = world.queue.cursor();
        assertThat(refused("wrId", Errno.EINVAL, cursor::wrId)).hasMessageContaining("next()");
        world.b.postReceive(world.receive(1, 100));
        world.a.postSend(world.send(7, 10));
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.wrId()).isEqualTo(1);
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.next()).isFalse();
        refused("status", Errno.EINVAL, cursor::status);
    }

    @Test
    void aCompletionThatAHandlerKeepsCanBeReadNoMore() {
        world.b.postReceive(world.receive(1, 100));
        world.a.postSend(world.send(7, 10));
        List<WorkCompletion> kept = new ArrayList<>();
        List<Long> ids = new ArrayList<>();
        world.queue.poll(
                completion -> {
                    ids.add(completion.wrId());
                    assertThat(completion.isSuccess()).isTrue();
                    kept.add(completion);
                },
                16);
        assertThat(ids).containsExactly(1L, 7L);
        assertThat(kept).allMatch(completion -> completion.wrId() == 0xDEAD_DEAD_DEAD_DEADL);
        assertThat(kept).allMatch(completion -> completion.status() == null && !completion.isSuccess());
    }

    @Test
    @LeavesEventsUnacknowledged
    void closingAQueueNamesTheEventsThatItWouldWaitForForEver() {
        CompletionQueue event = eventFor(world);
        world.a.close();
        world.b.close();
        assertThat(refused("close", Errno.EBUSY, world.queue::close))
                .hasMessageContaining(world.queue.toString())
                .hasMessageContaining("1 events without acknowledgement")
                .hasMessageContaining(Thread.currentThread().getName());
        event.ackEvents(1);
        world.queue.close();
    }

    @Test
    void anAcknowledgementThatComesWhileTheQueueIsClosedIsInTime() throws Exception {
        CompletionQueue event = eventFor(world);
        world.a.close();
        world.b.close();
        Thread acknowledging = new Thread(() -> event.ackEvents(1), "soft acknowledging");
        acknowledging.start();
        world.queue.close();
        acknowledging.join();
        refused("poll", Errno.EBADF, () -> world.queue.poll(done));
    }

    @Test
    @LeavesEventsUnacknowledged
    void closingAContextNamesTheEventsThatNobodyAcknowledged() {
        LayerWorld other = new LayerWorld(Validation::of);
        eventFor(other);
        assertThat(refused("close", Errno.EBUSY, other::close)).hasMessageContaining(other.queue.toString());
        refused("poll", Errno.EBADF, () -> other.queue.poll(done));
        other.close();
    }

    private static CompletionQueue eventFor(LayerWorld world) {
        world.queue.requestNotify(NotificationType.ANY);
        world.b.postReceive(world.receive(1, 100));
        world.a.postSend(world.send(7, 10));
        CompletionQueue event = world.channel.getEvent();
        assertThat(event).isSameAs(world.queue);
        return event;
    }

    @Test
    void aSendQueueThatIsFullOfUnsignalledRequestsIsFound() {
        world.b.postReceive(world.receive(1, 100).next(world.receive(2, 100)));
        assertThat(refused("postSend", Errno.ENOMEM, () -> {
                    while (world.a.postSend(world.send(7, 0).flags(0)) == null) {
                        world.b.postReceive(world.receive(3, 100));
                        world.queue.poll(done);
                    }
                }))
                .hasMessageContaining("SIGNALED")
                .hasMessageContaining(world.a.toString());
    }

    @Test
    void aFullQueueIsNoMistakeWhileSomethingWillComplete() {
        for (int i = 0; i < 4; i++) {
            world.b.postReceive(world.receive(i, 100));
        }
        world.a.postSend(world.send(1, 0));
        while (world.a.postSend(world.send(2, 0).flags(0)) == null) {
            world.b.postReceive(world.receive(3, 100));
        }
        assertThat(world.queue.poll(done)).isPositive();
        assertThat(world.a.postSend(world.send(3, 0).flags(0))).isNull();
    }

    @Test
    void aQueueThatStaysFullWhileNobodyPollsIsFound() {
        assertFullIsFound(world.a, world.b, world.queue);
    }

    @Test
    void aQueueThatStaysFullIsFoundAlsoWhereCompletionsDoNotSayWhoseTheyAre() {
        CompletionQueue queue = world.context.createCompletionQueue(
                new CompletionQueueAttributes().entries(64).fields(CompletionFields.BYTE_LENGTH));
        QueuePair pair = world.domain.createQueuePair(new QueuePairInitAttributes()
                .completionQueue(queue)
                .maxSendRequests(4)
                .maxReceiveRequests(4));
        Endpoint.connect(pair, pair);
        assertFullIsFound(pair, pair, queue);
    }

    private void assertFullIsFound(QueuePair from, QueuePair to, CompletionQueue queue) {
        for (int i = 0; i < 4; i++) {
            to.postReceive(world.receive(i, 100));
        }
        while (from.postSend(world.send(1, 0)) == null) {
            to.postReceive(world.receive(3, 100));
        }
        AtomicReference<VerbsException> thrown = new AtomicReference<>();
        Deadline.await("the full queue is found", () -> {
            try {
                from.postSend(world.send(1, 0));
            } catch (VerbsException e) {
                thrown.set(e);
            }
            return thrown.get() != null;
        });
        assertThat(thrown.get()).hasMessageContaining("polled").hasMessageContaining(queue.toString());
    }

    @Test
    void aWaitForQueuesThatWereNeverArmedIsFound() {
        world.b.postReceive(world.receive(1, 100));
        assertThat(refused("getEvent", Errno.EINVAL, world.channel::getEvent)).hasMessageContaining("requestNotify");
        world.queue.requestNotify(NotificationType.ANY);
        world.a.postSend(world.send(7, 10));
        world.channel.getEvent().ackEvents(1);
    }

    @Test
    void whatEndsAWaitEndsItAlsoWhereNothingWasArmed() {
        world.b.postReceive(world.receive(1, 100));
        world.channel.wakeup();
        assertThat(world.channel.getEvent()).isNull();
        Thread.currentThread().interrupt();
        assertThat(world.channel.getEvent()).isNull();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void waitingAfterAnArmThatFoundCompletionsIsFound() {
        world.b.postReceive(world.receive(1, 100));
        world.a.postSend(world.send(7, 10));
        assertThat(world.queue.requestNotify(NotificationType.ANY)).isTrue();
        assertThat(refused("getEvent", Errno.EINVAL, world.channel::getEvent)).hasMessageContaining("poll until");
        assertThat(world.queue.poll(done)).isEqualTo(2);
        world.b.postReceive(world.receive(1, 100));
        world.a.postSend(world.send(7, 10));
        world.channel.getEvent().ackEvents(1);
    }

    @Test
    void twoThreadsInAQueueThatWasPromisedToOneAreFound() throws Exception {
        CompletionQueue single = world.context.createCompletionQueue(
                new CompletionQueueAttributes().entries(8).singleThreaded(true));
        QueuePair pair = world.domain.createQueuePair(new QueuePairInitAttributes().completionQueue(single));
        Endpoint.connect(pair, pair);
        pair.postReceive(world.receive(1, 100));
        pair.postSend(world.send(7, 10));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        Thread polling = new Thread(
                () -> single.poll(
                        completion -> {
                            inside.countDown();
                            Deadline.await("told to leave", () -> leave.getCount() == 0);
                        },
                        1),
                "soft polling");
        polling.start();
        inside.await();
        assertThat(refused("poll", Errno.EBUSY, () -> single.poll(done))).hasMessageContaining("soft polling");
        leave.countDown();
        polling.join();
        assertThat(single.poll(done)).isEqualTo(1);
    }

    @Test
    void closesThatHaveALimitOfTimeAreLeftAlone() {
        CompletionQueue event = eventFor(world);
        world.a.close();
        world.b.close();
        refused("close", Errno.ETIMEDOUT, () -> world.queue.close(Duration.ofMillis(1)));
        event.ackEvents(1);
        world.queue.close(Duration.ofSeconds(1));
    }

    @Test
    void whatIsNullIsRefused() {
        assertThatThrownBy(() -> Validation.of(null)).isInstanceOf(VerbsException.class);
        assertThatThrownBy(() -> Validation.of(world.context, null)).isInstanceOf(VerbsException.class);
    }
}
