package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionCursor;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;

/**
 * Messages through many queue pairs into shared queues on one channel: threads that post anywhere, threads that wait for
 * events and drain the queue that fired, threads that poll without events. Each message is a receive and a send, and each of
 * both must complete exactly once, whoever sees it.
 */
final class QueueTraffic {
    private static final int DEPTH = 16;
    private static final int BATCH = 8;

    private final int messages;
    private final CompletionChannel channel;
    private final List<Member> members = new ArrayList<>();
    private final AtomicIntegerArray seen;
    private final AtomicInteger nextMessage = new AtomicInteger();
    private final AtomicInteger completed = new AtomicInteger();
    private final AtomicInteger events = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final List<Deadline.Running> threads = new ArrayList<>();
    private final Random seeds;

    /** A queue, the queue pairs that complete in it, and how many completions may still come into it. */
    private static final class Member {
        final CompletionQueue queue;
        final List<QueuePair> pairs = new ArrayList<>();
        final AtomicInteger room;

        Member(CompletionQueue queue) {
            this.queue = queue;
            room = new AtomicInteger(queue.capacity());
        }

        boolean reserve() {
            int left = room.get();
            return left >= 2 && room.compareAndSet(left, left - 2);
        }
    }

    /** Queues on one channel, each with queue pairs that are connected with themselves. */
    QueueTraffic(Context context, int queues, int entries, int pairsPerQueue, int messages, long seed) {
        this.messages = messages;
        seen = new AtomicIntegerArray(2 * messages);
        seeds = new Random(seed);
        channel = context.createCompletionChannel();
        EndSpec spec = new EndSpec().depth(DEPTH).elements(1).inline(0).memory(64);
        End owner = new End(context, spec); // of the domain
        Wiring wiring = new Wiring();
        for (int i = 0; i < queues; i++) {
            CompletionQueue queue = context.createCompletionQueue(new CompletionQueueAttributes()
                    .entries(entries)
                    .channel(channel)
                    .vector(i % context.completionVectors().size())
                    .userContext(i));
            Member member = new Member(queue);
            for (int k = 0; k < pairsPerQueue; k++) {
                QueuePair pair = owner.createPair(spec, queue, queue);
                wiring.connect(pair, pair);
                member.pairs.add(pair);
            }
            members.add(member);
        }
    }

    /** Runs it with so many threads of each kind, to the last completion, and checks the accounts. */
    void run(int posters, int waiters, int pollers, Duration limit) throws Throwable {
        members.forEach(member -> member.queue.requestNotify(NotificationType.ANY));
        for (int i = 0; i < waiters; i++) {
            start("waiter " + i, this::waitForEvents);
        }
        for (int i = 0; i < pollers; i++) {
            Random random = new Random(seeds.nextLong());
            start("poller " + i, () -> poll(random));
        }
        for (int i = 0; i < posters; i++) {
            Random random = new Random(seeds.nextLong());
            start("poster " + i, () -> post(random));
        }
        try {
            Deadline.await("all completions", limit, () -> !goesOn());
        } catch (AssertionError e) {
            failure.compareAndSet(null, new AssertionError(state(), e));
        }
        Deadline.await("the end of all threads", () -> {
            channel.wakeup();
            return threads.stream().noneMatch(Deadline.Running::isAlive);
        });
        if (failure.get() != null) {
            throw failure.get();
        }
        checkAccounts(waiters > 0);
    }

    private void checkAccounts(boolean someWaited) {
        for (int i = 0; i < 2 * messages; i++) {
            if (seen.get(i) != 1) {
                throw new AssertionError("request " + i + " was completed " + seen.get(i) + " times");
            }
        }
        WorkCompletion none = new WorkCompletion();
        for (Member member : members) {
            assertThat(member.queue.poll(none)).isFalse();
            assertThat(member.queue.unacknowledgedEvents()).isZero();
        }
        if (someWaited) {
            assertThat(events.get()).isPositive();
        }
        Deadline.await(
                "a descriptor that counts the unread events",
                () -> Descriptors.eventCount(channel.fd()) == channel.unreadEvents());
        assertThat(channel.unreadEvents())
                .as("at most one event for the last arm of each queue")
                .isLessThanOrEqualTo(members.size());
    }

    private String state() {
        long full = members.stream()
                .filter(member -> member.queue.requestNotify(NotificationType.ANY))
                .count();
        return completed.get() + " of " + 2 * messages + " completions seen, " + nextMessage.get()
                + " messages begun, completions in " + full + " queues, " + channel.unreadEvents() + " unread events";
    }

    private boolean goesOn() {
        return completed.get() < 2 * messages && failure.get() == null;
    }

    private void start(String name, Deadline.Body body) {
        threads.add(Deadline.start(name, () -> {
            try {
                body.run();
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
        }));
    }

    private void post(Random random) {
        ReceiveRequest receive = new ReceiveRequest();
        SendRequest send = new SendRequest().send().flags(SendFlags.SIGNALED);
        int message;
        while ((message = nextMessage.getAndIncrement()) < messages) {
            receive.wrId(2L * message);
            send.wrId(2L * message + 1);
            while (goesOn() && !post(random, receive, send)) {
                Thread.yield();
            }
        }
    }

    /** Posts a message somewhere, if there is room. */
    private boolean post(Random random, ReceiveRequest receive, SendRequest send) {
        Member member = members.get(random.nextInt(members.size()));
        if (!member.reserve()) {
            return false;
        }
        QueuePair pair = member.pairs.get(random.nextInt(member.pairs.size()));
        if (pair.postReceive(receive) != null) {
            member.room.addAndGet(2);
            return false;
        }
        while (pair.postSend(send) != null && goesOn()) {
            Thread.yield();
        }
        return true;
    }

    private void waitForEvents() {
        WorkCompletion[] completions = WorkCompletion.array(BATCH);
        while (goesOn()) {
            CompletionQueue queue = channel.getEvent();
            if (queue == null) {
                continue; // woken
            }
            events.incrementAndGet();
            queue.ackEvents(1);
            queue.requestNotify(NotificationType.ANY);
            Member member = members.get((int) queue.userContext());
            int count;
            while ((count = queue.poll(completions)) > 0) {
                for (int i = 0; i < count; i++) {
                    account(member, completions[i].wrId(), completions[i].isSuccess());
                }
            }
        }
    }

    /** Takes completions without events, in each of the three ways of polling. */
    private void poll(Random random) {
        WorkCompletion[] completions = WorkCompletion.array(BATCH);
        while (goesOn()) {
            Member member = members.get(random.nextInt(members.size()));
            switch (random.nextInt(4)) {
                case 0 -> {
                    int count = member.queue.poll(completions);
                    for (int i = 0; i < count; i++) {
                        account(member, completions[i].wrId(), completions[i].isSuccess());
                    }
                }
                case 1 -> {
                    int unused = member.queue.poll(
                            completion -> account(member, completion.wrId(), completion.isSuccess()), BATCH);
                }
                case 2 -> {
                    CompletionCursor cursor = member.queue.cursor();
                    while (cursor.next()) {
                        account(member, cursor.wrId(), cursor.isSuccess());
                    }
                }
                default -> Thread.yield();
            }
        }
    }

    private void account(Member member, long request, boolean success) {
        if (!success || seen.incrementAndGet((int) request) != 1) {
            throw new AssertionError(
                    "request " + request + " succeeded: " + success + ", times seen: " + seen.get((int) request));
        }
        member.room.incrementAndGet();
        completed.incrementAndGet();
    }
}
