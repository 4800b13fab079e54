package org.rddma.perftest;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.rddma.verbs.Context;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.app.WaitOptions;
import org.rddma.verbs.app.WorkQueue;
import org.rddma.verbs.app.WorkQueueOptions;
import org.rddma.verbs.app.WorkQueues;

/** Queues by capability: a group of work queues, one for each client, and one thread that serves them all. */
final class WorkQueuesEcho implements EchoStyle {
    @Override
    public String title() {
        return "work-queues";
    }

    @Override
    public EchoService create(EchoPlan plan, Context context) {
        return new Service(plan, context);
    }

    private static final class Service implements EchoService {
        private final EchoThreads threads = new EchoThreads();
        private final List<WorkQueue> queues = new ArrayList<>();
        private final WorkQueues group;

        Service(EchoPlan plan, Context context) {
            group = WorkQueues.on(context, new WorkQueueOptions(plan.window(), plan.size(), WaitOptions.ADAPTIVE));
            for (int client = 0; client < plan.clients(); client++) {
                queues.add(group.add());
            }
        }

        @Override
        public List<QueuePair> queuePairs() {
            return queues.stream().map(WorkQueue::queuePair).toList();
        }

        @Override
        public void start() {
            queues.forEach(WorkQueue::activate);
            threads.start("work-queues", () -> {
                int unused = group.serve(WorkQueue::send, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
            });
        }

        @Override
        public Throwable failure() {
            return threads.failure();
        }

        @Override
        public void close() {
            threads.stop(group::wakeup);
            group.close();
        }
    }
}
