package org.rddma.perftest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.rddma.verbs.internal.os.PollSet;
import org.rddma.verbs.internal.os.UnixSocket;

/**
 * A message and its echo over a pair of sockets as the RDDMA driver in user space has them: each thread sleeps in
 * poll(2) until there is something to read, as those do who talk to a driver.
 */
final class SocketLimit implements Limit {
    static final byte[] COMMAND = "event_find://none.none?request(1)\n".getBytes(StandardCharsets.US_ASCII);
    private static final int ROOM = 8192;

    private final Samples samples = new Samples();
    private final Duo duo;
    private volatile boolean stop;

    SocketLimit(Duo duo) {
        this.duo = duo;
    }

    @Override
    public String title() {
        return "socketpair, round trip";
    }

    @Override
    public Samples run(long nanos) {
        samples.clear();
        stop = false;
        UnixSocket[] pair = UnixSocket.pair("limits");
        try {
            duo.run(() -> ask(pair[0], nanos), () -> echo(pair[1]));
        } finally {
            pair[0].close();
            pair[1].close();
        }
        return samples;
    }

    @Override
    public double divisor() {
        return 1;
    }

    private void ask(UnixSocket socket, long nanos) {
        ByteBuffer text = ByteBuffer.allocateDirect(ROOM).put(0, COMMAND);
        ByteBuffer answer = ByteBuffer.allocateDirect(ROOM);
        PollSet set = new PollSet(1);
        set.set(0, socket.fd());
        long start = System.nanoTime();
        do {
            long begin = System.nanoTime();
            int sent = socket.send(text, 0, COMMAND.length, UnixSocket.NONE);
            await(set);
            if (sent != COMMAND.length || socket.receive(answer, 0, ROOM) != sent) {
                throw new IllegalStateException("the echo is another");
            }
            samples.record(System.nanoTime() - begin);
        } while (System.nanoTime() - start < nanos || samples.count() < Limit.LEAST_SAMPLES);
        stop = true;
        int unused = socket.send(text, 0, 1, UnixSocket.NONE);
    }

    private void echo(UnixSocket socket) {
        ByteBuffer memory = ByteBuffer.allocateDirect(ROOM);
        PollSet set = new PollSet(1);
        set.set(0, socket.fd());
        while (!stop) {
            await(set);
            int received = socket.receive(memory, 0, ROOM);
            int unused = stop ? 0 : socket.send(memory, 0, received, UnixSocket.NONE);
        }
    }

    private static void await(PollSet set) {
        int ready;
        do {
            ready = set.poll(-1); // a signal handler may end the wait before its time
        } while (ready == 0);
    }
}
