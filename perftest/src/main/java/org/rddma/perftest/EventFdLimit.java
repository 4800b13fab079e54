package org.rddma.perftest;

import org.rddma.verbs.internal.os.EventFd;

/** Two threads that wake each other in turn: each sleeps in a read of its eventfd until the other writes it. */
final class EventFdLimit implements Limit {
    private final Samples samples = new Samples();
    private final Duo duo;
    private volatile boolean stop;

    EventFdLimit(Duo duo) {
        this.duo = duo;
    }

    @Override
    public String title() {
        return "eventfd, one way";
    }

    @Override
    public Samples run(long nanos) {
        samples.clear();
        stop = false;
        EventFd ping = EventFd.blocking("limits");
        EventFd pong = EventFd.blocking("limits");
        try {
            duo.run(() -> ping(ping, pong, nanos), () -> pong(ping, pong));
        } finally {
            ping.close();
            pong.close();
        }
        return samples;
    }

    @Override
    public double divisor() {
        return 2;
    }

    private void ping(EventFd ping, EventFd pong, long nanos) {
        long start = System.nanoTime();
        do {
            long begin = System.nanoTime();
            ping.signal();
            await(pong);
            samples.record(System.nanoTime() - begin);
        } while (System.nanoTime() - start < nanos || samples.count() < Limit.LEAST_SAMPLES);
        stop = true;
        ping.signal();
    }

    private void pong(EventFd ping, EventFd pong) {
        await(ping);
        while (!stop) {
            pong.signal();
            await(ping);
        }
    }

    private static void await(EventFd fd) {
        boolean taken;
        do {
            taken = fd.take(); // a signal handler may end the read before its time
        } while (!taken);
    }
}
