package org.rddma.perftest;

import java.util.ArrayList;
import java.util.List;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.BlockingCalls;
import org.rddma.verbs.app.BlockingQueuePair;
import org.rddma.verbs.app.CallOutcome;
import org.rddma.verbs.app.WaitOptions;

/** Blocking calls: a thread for each client, all on one completion queue. */
final class BlockingEcho implements EchoStyle {
    @Override
    public String title() {
        return "blocking";
    }

    @Override
    public EchoService create(EchoPlan plan, Context context) {
        return new Service(plan, context);
    }

    private static final class Service implements EchoService {
        private final EchoThreads threads = new EchoThreads();
        private final EchoPlan plan;
        private final CompletionChannel channel;
        private final CompletionQueue queue;
        private final EchoSlots slots;
        private final BlockingCalls calls;
        private final List<BlockingQueuePair> pairs = new ArrayList<>();

        Service(EchoPlan plan, Context context) {
            this.plan = plan;
            channel = context.createCompletionChannel();
            queue = context.createCompletionQueue(new CompletionQueueAttributes()
                    .entries(EchoSlots.completions(plan, plan.clients()))
                    .channel(channel));
            slots = new EchoSlots(plan, context, client -> queue);
            calls = BlockingCalls.of(queue, WaitOptions.ADAPTIVE);
            int each = EchoSlots.slots(plan);
            slots.queuePairs().forEach(pair -> pairs.add(calls.add(pair, each, each)));
        }

        @Override
        public List<QueuePair> queuePairs() {
            return slots.queuePairs();
        }

        @Override
        public void start() {
            int each = EchoSlots.slots(plan);
            for (int client = 0; client < plan.clients(); client++) {
                BlockingQueuePair pair = pairs.get(client);
                for (int slot = client * each; slot < (client + 1) * each; slot++) {
                    postReceive(pair, slot);
                }
                WorkCompletion completion = new WorkCompletion();
                threads.start("blocking-" + client, () -> turn(pair, completion));
            }
        }

        private void turn(BlockingQueuePair pair, WorkCompletion completion) {
            if (!pair.receive(completion)) {
                return; // interrupted: nobody does that here
            }
            EchoSlots.check(completion);
            int slot = EchoSlots.slotOf(completion);
            CallOutcome outcome = pair.execute(slots.sendOf(slot, (int) completion.byteLength()), completion);
            if (outcome != CallOutcome.COMPLETED) {
                throw new RunFailedException("the echo is " + outcome);
            }
            EchoSlots.check(completion);
            postReceive(pair, slot);
        }

        private void postReceive(BlockingQueuePair pair, int slot) {
            if (!pair.postReceive(slots.receiveOf(slot))) {
                throw new RunFailedException("the receive queue of slot " + slot + " is full");
            }
        }

        @Override
        public Throwable failure() {
            return threads.failure();
        }

        @Override
        public void close() {
            threads.stop(calls::close);
            slots.close();
            queue.close();
            channel.close();
        }
    }
}
