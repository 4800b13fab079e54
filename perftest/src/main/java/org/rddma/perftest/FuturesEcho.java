package org.rddma.perftest;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.FutureOptions;
import org.rddma.verbs.app.FutureQueuePair;
import org.rddma.verbs.app.Futures;
import org.rddma.verbs.app.RequestFuture;

/**
 * Futures: a receive, then the send of what came, then the receive again. What follows runs in the dispatching thread,
 * one after the other, and so the echoes keep their order; it never waits, because each slot has its place in the queues.
 */
final class FuturesEcho implements EchoStyle {
    @Override
    public String title() {
        return "futures";
    }

    @Override
    public EchoService create(EchoPlan plan, Context context) {
        return new Service(plan, context);
    }

    private static final class Service implements EchoService {
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final EchoPlan plan;
        private final CompletionChannel channel;
        private final CompletionQueue queue;
        private final EchoSlots slots;
        private final Futures futures;
        private final List<FutureQueuePair> pairs = new ArrayList<>();
        private volatile boolean stopping;

        Service(EchoPlan plan, Context context) {
            this.plan = plan;
            channel = context.createCompletionChannel();
            queue = context.createCompletionQueue(new CompletionQueueAttributes()
                    .entries(EchoSlots.completions(plan, plan.clients()))
                    .channel(channel));
            slots = new EchoSlots(plan, context, client -> queue);
            futures = Futures.on(channel, FutureOptions.DEFAULT.withDependents(Runnable::run));
            int each = EchoSlots.slots(plan);
            slots.queuePairs().forEach(pair -> pairs.add(futures.attach(pair, each, each)));
        }

        @Override
        public List<QueuePair> queuePairs() {
            return slots.queuePairs();
        }

        @Override
        public void start() {
            int each = EchoSlots.slots(plan);
            for (int slot = 0; slot < pairs.size() * each; slot++) {
                receive(slot);
            }
        }

        private void receive(int slot) {
            follow(pairOf(slot).tryReceive(slots.receiveOf(slot)), slot);
        }

        private void follow(RequestFuture future, int slot) {
            if (future == null) {
                throw new RunFailedException("a queue of the client of slot " + slot + " is full");
            }
            CompletableFuture<?> unused = future.thenAccept(this::goOn).exceptionally(this::fail);
        }

        private void goOn(WorkCompletion completion) {
            int slot = EchoSlots.slotOf(completion);
            if (completion.isReceive()) {
                follow(pairOf(slot).trySend(slots.sendOf(slot, (int) completion.byteLength())), slot);
            } else {
                receive(slot);
            }
        }

        private Void fail(Throwable thrown) {
            if (!stopping) {
                failure.compareAndSet(null, thrown);
            }
            return null;
        }

        private FutureQueuePair pairOf(int slot) {
            return pairs.get(slot / EchoSlots.slots(plan));
        }

        @Override
        public Throwable failure() {
            Throwable ended = futures.failure();
            return ended != null ? ended : failure.get();
        }

        @Override
        public void close() {
            stopping = true;
            futures.close();
            slots.close();
            queue.close();
            channel.close();
        }
    }
}
