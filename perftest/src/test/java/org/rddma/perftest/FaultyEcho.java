package org.rddma.perftest;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkCompletion;

/** An echo service that works well for some messages, and then does one thing wrong. */
record FaultyEcho(Fault fault) implements EchoStyle {
    private static final int GOOD_MESSAGES = 5; // a slow machine sends few in a round

    enum Fault {
        NONE,
        CREATE_FAILS,
        TOO_FEW_QUEUE_PAIRS,
        ANOTHER_CONTENT,
        ANOTHER_LENGTH,
        LOSES_ONE,
        SENDS_TWICE,
        SENDS_TWICE_AT_THE_END,
        THREAD_DIES,
        HANGS_IN_CLOSE,
        CLOSE_FAILS
    }

    @Override
    public String title() {
        return "faulty";
    }

    @Override
    public EchoService create(EchoPlan plan, Context context) {
        if (fault == Fault.CREATE_FAILS) {
            throw new VerbsException("createQueuePair", 12, "there is no room");
        }
        return new Service(plan, context, fault);
    }

    private static final class Service implements EchoService {
        private final EchoThreads threads = new EchoThreads();
        private final WorkCompletion completion = new WorkCompletion();
        private final EchoPlan plan;
        private final Fault fault;
        private final CompletionQueue queue;
        private final EchoSlots slots;
        private int messages;
        private int lastSlot;

        Service(EchoPlan plan, Context context, Fault fault) {
            this.plan = plan;
            this.fault = fault;
            queue = context.createCompletionQueue(2 * EchoSlots.completions(plan, plan.clients()));
            slots = new EchoSlots(plan, context, client -> queue);
        }

        @Override
        public List<QueuePair> queuePairs() {
            return fault == Fault.TOO_FEW_QUEUE_PAIRS
                    ? slots.queuePairs().subList(1, slots.queuePairs().size())
                    : slots.queuePairs();
        }

        @Override
        public void start() {
            slots.postAll();
            threads.start("faulty", this::turn);
        }

        private void turn() {
            if (!queue.poll(completion)) {
                Thread.yield();
            } else if (completion.isReceive() && ++messages == GOOD_MESSAGES) {
                goWrong();
            } else {
                lastSlot = EchoSlots.slotOf(completion);
                slots.handle(completion);
            }
        }

        private void goWrong() {
            int slot = EchoSlots.slotOf(completion);
            int length = (int) completion.byteLength();
            switch (fault) {
                case ANOTHER_CONTENT -> send(slot, slot == 0 ? 1 : slot - 1, length);
                case ANOTHER_LENGTH -> send(slot, slot, length - 1);
                case LOSES_ONE -> {}
                case SENDS_TWICE -> {
                    send(slot, slot, length);
                    send(slot, slot, length);
                }
                case THREAD_DIES -> throw new IllegalStateException("on purpose");
                default -> slots.handle(completion);
            }
        }

        private void send(int slotOfClient, int slot, int length) {
            QueuePair pair = slots.queuePairs().get(slotOfClient / EchoSlots.slots(plan));
            assertPosted(pair.postSend(slots.sendOf(slot, length).wrId(2L * slotOfClient + 1)) == null);
        }

        private static void assertPosted(boolean posted) {
            if (!posted) {
                throw new AssertionError("the queue is full");
            }
        }

        @Override
        public Throwable failure() {
            return threads.failure();
        }

        @Override
        public void close() {
            threads.stop(() -> {});
            if (fault == Fault.SENDS_TWICE_AT_THE_END) {
                send(lastSlot, lastSlot, 8);
            }
            slots.close();
            queue.close();
            if (fault == Fault.CLOSE_FAILS) {
                throw new IllegalStateException("on purpose");
            }
            if (fault == Fault.HANGS_IN_CLOSE) {
                hang();
            }
        }

        /** Until it is interrupted. */
        private static void hang() {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
