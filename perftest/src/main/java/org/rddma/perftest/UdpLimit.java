package org.rddma.perftest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/**
 * 64 bytes and their echo over UDP within this host, by the means of the JDK alone: what packets between two devices on the
 * wire cannot beat. Each thread sleeps in a receive, or polls its socket.
 */
final class UdpLimit implements Limit {
    private static final int BYTES = 64;

    private final Samples samples = new Samples();
    private final Duo duo;
    private final boolean polling;
    private volatile boolean stop;

    private UdpLimit(Duo duo, boolean polling) {
        this.duo = duo;
        this.polling = polling;
    }

    static UdpLimit sleeping(Duo duo) {
        return new UdpLimit(duo, false);
    }

    static UdpLimit polling(Duo duo) {
        return new UdpLimit(duo, true);
    }

    @Override
    public String title() {
        return polling ? "UDP polling, one way" : "UDP, one way";
    }

    @Override
    public Samples run(long nanos) {
        samples.clear();
        stop = false;
        try (DatagramChannel ping = open();
                DatagramChannel pong = open()) {
            ping.connect(pong.getLocalAddress());
            pong.connect(ping.getLocalAddress());
            duo.run(() -> ping(ping, nanos), () -> pong(pong));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return samples;
    }

    private DatagramChannel open() throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        channel.configureBlocking(!polling);
        return channel;
    }

    @Override
    public double divisor() {
        return 2;
    }

    private void ping(DatagramChannel channel, long nanos) {
        ByteBuffer memory = ByteBuffer.allocateDirect(BYTES);
        long start = System.nanoTime();
        do {
            long begin = System.nanoTime();
            send(channel, memory);
            receive(channel, memory);
            samples.record(System.nanoTime() - begin);
        } while (System.nanoTime() - start < nanos || samples.count() < Limit.LEAST_SAMPLES);
        stop = true;
        send(channel, memory);
    }

    private void pong(DatagramChannel channel) {
        ByteBuffer memory = ByteBuffer.allocateDirect(BYTES);
        receive(channel, memory);
        while (!stop) {
            send(channel, memory);
            receive(channel, memory);
        }
    }

    private static void send(DatagramChannel channel, ByteBuffer memory) {
        memory.clear();
        try {
            if (channel.write(memory) != BYTES) {
                throw new IllegalStateException("the socket took a part of a datagram");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void receive(DatagramChannel channel, ByteBuffer memory) {
        memory.clear();
        try {
            int bytes;
            do {
                bytes = channel.read(memory);
            } while (bytes == 0);
            if (bytes != BYTES) {
                throw new IllegalStateException("the echo is another");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
