package org.rddma.perftest;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.OrderedCompletions;
import org.rddma.verbs.app.WaitOptions;

/**
 * Fixed order: a thread for each client that takes its receives in the order of posting, and so its sends. These are two
 * orders: in one, no send's completion could be taken before those of all receives that were posted before it.
 */
final class OrderedEcho implements EchoStyle {
    @Override
    public String title() {
        return "fixed-order";
    }

    @Override
    public EchoService create(EchoPlan plan, Context context) {
        return new Service(plan, context);
    }

    /** One kind of request of one client: its queue, and their order. */
    private static final class Lane implements AutoCloseable {
        final CompletionChannel channel;
        final CompletionQueue queue;
        final OrderedCompletions order;

        Lane(Context context, int requests) {
            channel = context.createCompletionChannel();
            queue = context.createCompletionQueue(
                    new CompletionQueueAttributes().entries(requests).channel(channel));
            order = OrderedCompletions.of(requests, WaitOptions.ADAPTIVE, queue);
        }

        @Override
        public void close() {
            queue.close();
            channel.close();
        }
    }

    private static final class Service implements EchoService {
        private final EchoThreads threads = new EchoThreads();
        private final EchoPlan plan;
        private final List<Lane> sends = new ArrayList<>();
        private final List<Lane> receives = new ArrayList<>();
        private final EchoSlots slots;

        Service(EchoPlan plan, Context context) {
            this.plan = plan;
            int each = EchoSlots.slots(plan);
            for (int client = 0; client < plan.clients(); client++) {
                sends.add(new Lane(context, each));
                receives.add(new Lane(context, each));
            }
            slots = new EchoSlots(
                    plan, context, client -> sends.get(client).queue, client -> receives.get(client).queue);
        }

        @Override
        public List<QueuePair> queuePairs() {
            return slots.queuePairs();
        }

        @Override
        public void start() {
            int each = EchoSlots.slots(plan);
            for (int client = 0; client < plan.clients(); client++) {
                int number = client;
                for (int slot = client * each; slot < (client + 1) * each; slot++) {
                    postReceive(client, slot);
                }
                WorkCompletion completion = new WorkCompletion();
                threads.start("ordered-" + client, () -> turn(number, completion));
            }
        }

        private void turn(int client, WorkCompletion completion) {
            if (receives.get(client).order.take(completion) < 0) {
                return; // interrupted: nobody does that here
            }
            EchoSlots.check(completion);
            int slot = EchoSlots.slotOf(completion);
            OrderedCompletions order = sends.get(client).order;
            if (order.postSend(queuePairs().get(client), slots.sendOf(slot, (int) completion.byteLength())) < 0) {
                throw new RunFailedException("the echo was not posted");
            }
            while (order.take(completion, 0, TimeUnit.NANOSECONDS) >= 0) {
                EchoSlots.check(completion);
                postReceive(client, EchoSlots.slotOf(completion));
            }
        }

        private void postReceive(int client, int slot) {
            QueuePair pair = queuePairs().get(client);
            if (receives.get(client).order.postReceive(pair, slots.receiveOf(slot), 0, TimeUnit.NANOSECONDS) < 0) {
                throw new RunFailedException("the receive queue of client " + client + " is full");
            }
        }

        @Override
        public Throwable failure() {
            return threads.failure();
        }

        @Override
        public void close() {
            threads.stop(() -> {
                sends.forEach(lane -> lane.order.close());
                receives.forEach(lane -> lane.order.close());
            });
            slots.close();
            sends.forEach(Lane::close);
            receives.forEach(Lane::close);
        }
    }
}
