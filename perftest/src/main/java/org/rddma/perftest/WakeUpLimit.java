package org.rddma.perftest;

import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.NotificationType;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.WorkCompletion;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.app.EventLoop;

/**
 * Two threads that send each other a message in turn; each sleeps until it comes: bare, in the channel's getEvent, or in
 * an event loop, which calls back. What the two ways have in common is the same code, so their ratio is the loop's cost.
 */
final class WakeUpLimit implements Limit {
    private static final int BYTES = 8;

    private final Samples samples = new Samples();
    private final Duo duo;
    private final String device;
    private final boolean withLoop;
    private volatile boolean stop;

    private WakeUpLimit(Duo duo, String device, boolean withLoop) {
        this.duo = duo;
        this.device = device;
        this.withLoop = withLoop;
    }

    static WakeUpLimit bare(Duo duo, String device) {
        return new WakeUpLimit(duo, device, false);
    }

    static WakeUpLimit eventLoop(Duo duo, String device) {
        return new WakeUpLimit(duo, device, true);
    }

    @Override
    public String title() {
        return withLoop ? "event loop, one way" : "channel wait, one way";
    }

    @Override
    public double divisor() {
        return 2;
    }

    @Override
    public Samples run(long nanos) {
        samples.clear();
        stop = false;
        try (Context context = Verbs.open(device)) {
            Mate client = new Mate(context);
            Mate server = new Mate(context);
            Endpoint.connect(client.pair, server.pair);
            client.receive();
            server.receive();
            duo.onEnd(context::close); // ends the other's sleep
            try {
                Ping ping = new Ping(client, nanos);
                Pong pong = new Pong(server);
                duo.run(() -> play(client, ping, ping), () -> play(server, pong, () -> {}));
            } finally {
                duo.onEnd(() -> {});
            }
        }
        return samples;
    }

    private void play(Mate mate, Answer answer, Runnable begin) {
        if (withLoop) {
            try (EventLoop loop = new EventLoop()) {
                loop.add(mate.receives, completion -> {
                    if (!mate.answer(completion, answer)) {
                        loop.stop();
                    }
                });
                loop.execute(begin);
                loop.run();
            }
        } else {
            WorkCompletion completion = new WorkCompletion();
            begin.run();
            do {
                mate.await(completion);
            } while (mate.answer(completion, answer));
        }
    }

    /** What one does when it is its turn; false when it was the last one. */
    private interface Answer {
        boolean next();
    }

    private final class Ping implements Answer, Runnable {
        private final Mate mate;
        private final long nanos;
        private final long start = System.nanoTime();
        private long begin;

        Ping(Mate mate, long nanos) {
            this.mate = mate;
            this.nanos = nanos;
        }

        @Override
        public void run() {
            begin = System.nanoTime();
            mate.send();
        }

        @Override
        public boolean next() {
            long now = System.nanoTime();
            samples.record(now - begin);
            stop = now - start >= nanos && samples.count() >= Limit.LEAST_SAMPLES;
            run();
            return !stop;
        }
    }

    private final class Pong implements Answer {
        private final Mate mate;

        Pong(Mate mate) {
            this.mate = mate;
        }

        @Override
        public boolean next() {
            if (stop) {
                return false;
            }
            mate.send();
            return true;
        }
    }

    /** One end; closed with its context. */
    private static final class Mate {
        final CompletionChannel channel;
        final CompletionQueue receives;
        final CompletionQueue sends;
        final QueuePair pair;
        private final SendRequest send;
        private final ReceiveRequest receive;
        private final WorkCompletion sent = new WorkCompletion();

        Mate(Context context) {
            channel = context.createCompletionChannel();
            receives = context.createCompletionQueue(
                    new CompletionQueueAttributes().entries(4).channel(channel));
            sends = context.createCompletionQueue(4);
            ProtectionDomain domain = context.allocateProtectionDomain();
            MemoryRegion memory = domain.allocateMemory(2 * BYTES, AccessFlags.LOCAL_WRITE);
            pair = domain.createQueuePair(new QueuePairInitAttributes()
                    .sendCompletionQueue(sends)
                    .receiveCompletionQueue(receives)
                    .maxSendRequests(2)
                    .maxReceiveRequests(2));
            send = new SendRequest().send().flags(SendFlags.SIGNALED).sge(new ScatterGatherElement(memory, 0, BYTES));
            receive = new ReceiveRequest(1, new ScatterGatherElement(memory, BYTES, BYTES));
        }

        void receive() {
            if (pair.postReceive(receive) != null) {
                throw new RunFailedException("the receive queue is full");
            }
        }

        void send() {
            if (pair.postSend(send) != null) {
                throw new RunFailedException("the send queue is full");
            }
            while (!sends.poll(sent)) {
                Thread.onSpinWait();
            }
            EchoSlots.check(sent);
        }

        /** The bare way: arm, look, sleep. */
        void await(WorkCompletion completion) {
            while (true) {
                boolean unused = receives.requestNotify(NotificationType.ANY);
                if (receives.poll(completion)) {
                    return;
                }
                CompletionQueue fired = channel.getEvent();
                if (fired != null) {
                    fired.ackEvents(1);
                }
                if (receives.poll(completion)) {
                    return;
                }
            }
        }

        boolean answer(WorkCompletion completion, Answer answer) {
            EchoSlots.check(completion);
            receive();
            return answer.next();
        }
    }
}
