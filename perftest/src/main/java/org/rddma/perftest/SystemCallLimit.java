package org.rddma.perftest;

import org.rddma.verbs.internal.os.EventFd;
import org.rddma.verbs.internal.os.PollSet;

/** System calls through JNA, by one thread, that wait for nothing. */
final class SystemCallLimit implements Limit {
    private static final int BATCH = 32;

    private final String title;
    private final Samples samples = new Samples();
    private final Duo duo;
    private final boolean poll;

    private SystemCallLimit(Duo duo, String title, boolean poll) {
        this.duo = duo;
        this.title = title;
        this.poll = poll;
    }

    /** poll(2) of one descriptor that is not readable, without waiting. */
    static SystemCallLimit poll(Duo duo) {
        return new SystemCallLimit(duo, "poll(2), timeout 0", true);
    }

    /** A write of an eventfd, and a read. */
    static SystemCallLimit writeAndRead(Duo duo) {
        return new SystemCallLimit(duo, "eventfd write and read", false);
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public Samples run(long nanos) {
        samples.clear();
        EventFd fd = EventFd.counter("limits");
        PollSet set = new PollSet(1);
        set.set(0, fd.fd());
        try {
            duo.run(() -> measure(fd, set, nanos), () -> {});
        } finally {
            fd.close();
        }
        return samples;
    }

    @Override
    public double divisor() {
        return BATCH;
    }

    private void measure(EventFd fd, PollSet set, long nanos) {
        long start = System.nanoTime();
        do {
            long begin = System.nanoTime();
            if (poll) {
                pollBatch(set);
            } else {
                writeAndReadBatch(fd);
            }
            samples.record(System.nanoTime() - begin);
        } while (System.nanoTime() - start < nanos || samples.count() < Limit.LEAST_SAMPLES);
    }

    private static void pollBatch(PollSet set) {
        for (int i = 0; i < BATCH; i++) {
            if (set.poll(0) != 0) {
                throw new IllegalStateException("nobody wrote this eventfd");
            }
        }
    }

    private static void writeAndReadBatch(EventFd fd) {
        for (int i = 0; i < BATCH; i++) {
            fd.signal();
            if (!fd.take()) {
                throw new IllegalStateException("the eventfd was just written");
            }
        }
    }
}
