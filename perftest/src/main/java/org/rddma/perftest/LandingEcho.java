package org.rddma.perftest;

import java.util.List;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.app.Landing;
import org.rddma.verbs.app.Landings;

/**
 * Compute first: a thread that computes, and between two steps looks for each client whether the next of its messages has
 * landed. Each slot is a landing; those of a client are looked at in the order of posting, which is that of the messages.
 */
final class LandingEcho implements EchoStyle {
    @Override
    public String title() {
        return "compute-first";
    }

    @Override
    public EchoService create(EchoPlan plan, Context context) {
        return new Service(plan, context);
    }

    private static final class Service implements EchoService {
        private static final int STEP = 64;
        private static final int IDLE_STEPS = 1000;

        private final EchoThreads threads = new EchoThreads();
        private final int each;
        private final CompletionQueue queue;
        private final EchoSlots slots;
        private final Landing[] landings;

        /** Of each client, the slot whose message is next, and the slot whose echo is the next to be done. */
        private final int[] nextReceive;

        private final int[] nextSend;

        /** Of each slot, whether it is on its way back. */
        private final boolean[] sending;

        private long computed;
        private int idle;

        Service(EchoPlan plan, Context context) {
            each = EchoSlots.slots(plan);
            queue = context.createCompletionQueue(EchoSlots.completions(plan, plan.clients()));
            slots = new EchoSlots(plan, context, client -> queue);
            Landings all = Landings.of(queue);
            landings = new Landing[plan.clients() * each];
            for (int slot = 0; slot < landings.length; slot++) {
                landings[slot] = all.landing();
            }
            sending = new boolean[landings.length];
            nextReceive = new int[plan.clients()];
            nextSend = new int[plan.clients()];
        }

        @Override
        public List<QueuePair> queuePairs() {
            return slots.queuePairs();
        }

        @Override
        public void start() {
            for (int slot = 0; slot < landings.length; slot++) {
                receive(slot);
            }
            threads.start("compute-first", this::turn);
        }

        private void turn() {
            compute();
            boolean landed = false;
            for (int client = 0; client < nextReceive.length; client++) {
                landed |= serve(client);
            }
            if (landed) {
                idle = 0;
            } else if (++idle > IDLE_STEPS) {
                Thread.yield(); // the client may need this processor
            }
        }

        /** What the thread is there for. */
        private void compute() {
            long value = computed;
            for (int i = 0; i < STEP; i++) {
                value = value * 0x5DEECE66DL + 0xBL;
            }
            computed = value;
        }

        private boolean serve(int client) {
            boolean any = false;
            int echo = client * each + nextSend[client];
            if (sending[echo] && landings[echo].landed()) {
                sending[echo] = false;
                nextSend[client] = (nextSend[client] + 1) % each;
                receive(echo);
                any = true;
            }
            int slot = client * each + nextReceive[client];
            if (!sending[slot] && landings[slot].landed()) {
                int length = (int) landings[slot].bytes();
                landings[slot].reset();
                landings[slot].send(slots.queuePairs().get(client), slots.sendOf(slot, length));
                sending[slot] = true;
                nextReceive[client] = (nextReceive[client] + 1) % each;
                any = true;
            }
            return any;
        }

        private void receive(int slot) {
            landings[slot].reset();
            landings[slot].receive(slots.queuePairs().get(slot / each), slots.receiveOf(slot));
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
