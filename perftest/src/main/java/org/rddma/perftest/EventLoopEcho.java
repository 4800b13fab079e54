package org.rddma.perftest;

import java.util.ArrayList;
import java.util.List;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.app.EventLoop;
import org.rddma.verbs.app.EventLoopOptions;
import org.rddma.verbs.app.WaitOptions;

/** An event-dispatch loop: one thread, a completion queue for each client, and a callback for its completions. */
final class EventLoopEcho implements EchoStyle {
    @Override
    public String title() {
        return "event-loop";
    }

    @Override
    public EchoService create(EchoPlan plan, Context context) {
        return new Service(plan, context);
    }

    private static final class Service implements EchoService {
        private final EchoThreads threads = new EchoThreads();
        private final EventLoop loop = new EventLoop(EventLoopOptions.DEFAULT.withWaiting(WaitOptions.ADAPTIVE));
        private final List<CompletionQueue> queues = new ArrayList<>();
        private final CompletionChannel channel;
        private final EchoSlots slots;

        Service(EchoPlan plan, Context context) {
            channel = context.createCompletionChannel();
            for (int client = 0; client < plan.clients(); client++) {
                queues.add(context.createCompletionQueue(new CompletionQueueAttributes()
                        .entries(EchoSlots.completions(plan, 1))
                        .channel(channel)));
            }
            slots = new EchoSlots(plan, context, queues::get);
        }

        @Override
        public List<QueuePair> queuePairs() {
            return slots.queuePairs();
        }

        @Override
        public void start() {
            slots.postAll();
            queues.forEach(queue -> loop.add(queue, slots::handle));
            threads.start("event-loop", loop::run);
        }

        @Override
        public Throwable failure() {
            return threads.failure();
        }

        @Override
        public void close() {
            threads.stop(loop::stop);
            loop.close();
            slots.close();
            queues.forEach(CompletionQueue::close);
            channel.close();
        }
    }
}
