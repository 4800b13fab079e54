package org.rddma.perftest;

import java.util.List;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.WorkCompletion;

/** The reference: one thread that polls one completion queue for all clients and never sleeps. */
final class PollingEcho implements EchoStyle {
    @Override
    public String title() {
        return "polling";
    }

    @Override
    public EchoService create(EchoPlan plan, Context context) {
        return new Service(plan, context);
    }

    private static final class Service implements EchoService {
        private static final int BATCH = 16;
        private static final int SPINS = 1000;

        private final EchoThreads threads = new EchoThreads();
        private final WorkCompletion[] completions = WorkCompletion.array(BATCH);
        private final CompletionQueue queue;
        private final EchoSlots slots;
        private int idle;

        Service(EchoPlan plan, Context context) {
            queue = context.createCompletionQueue(EchoSlots.completions(plan, plan.clients()));
            slots = new EchoSlots(plan, context, client -> queue);
        }

        @Override
        public List<QueuePair> queuePairs() {
            return slots.queuePairs();
        }

        @Override
        public void start() {
            slots.postAll();
            threads.start("polling", this::turn);
        }

        private void turn() {
            int count = queue.poll(completions);
            for (int i = 0; i < count; i++) {
                slots.handle(completions[i]);
            }
            if (count > 0) {
                idle = 0;
            } else if (++idle < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield(); // the client may need this processor
            }
        }

        @Override
        public Throwable failure() {
            return threads.failure();
        }

        @Override
        public void close() {
            threads.stop(() -> {});
            slots.close();
            queue.close();
        }
    }
}
