package org.rddma.softdev.link.roce;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.UdpSocket;

/**
 * The sockets through which packets leave, and the batches that they are written in. Safe for use by several
 * threads.
 *
 * <p>Nobody ever waits for a batch, for who lends one may be in the middle of something that others wait for: when
 * all are lent, a small one is made that is forgotten afterwards.
 */
final class Transmitter {
    /** A few, so that flows can take different ways through the network; a power of two. */
    static final int SOCKETS = 4;

    static final int HOP_LIMIT = 64;

    private static final int FIRST_PORT = 0xC000;
    private static final int PORTS = 0x4000;
    private static final int ATTEMPTS = 1_000;

    /** All sockets together fill no more than an interface's queue takes, which drops the rest without a word. */
    private static final int SEND_BUFFER_BYTES = 96 << 10; // which the system doubles

    private static final int KEPT_BATCHES = 16;
    private static final int SLOTS = 32;
    private static final int EXTRA_SLOTS = 4;

    private final LocalAddress local;
    private final PacketCounters counters;
    private final PacketCapture capture; // null for none
    private final UdpSocket[] sockets = new UdpSocket[SOCKETS];
    private final int[] ports = new int[SOCKETS];
    private final AtomicReferenceArray<SocketBatch> kept = new AtomicReferenceArray<>(KEPT_BATCHES);
    private final List<SocketBatch> all = new CopyOnWriteArrayList<>();
    private volatile boolean closed;
    private volatile boolean hurried;
    private volatile boolean up = true;

    Transmitter(LocalAddress local, PacketCounters counters, PacketCapture capture, String verb) {
        this.local = local;
        this.counters = counters;
        this.capture = capture;
        try {
            for (int i = 0; i < SOCKETS; i++) {
                sockets[i] = open(verb);
                sockets[i].setUpToSend(HOP_LIMIT, local.interfaceNumber(), SEND_BUFFER_BYTES);
                ports[i] = sockets[i].localPort();
            }
        } catch (RuntimeException | Error e) { // also without memory
            closeSockets();
            throw e;
        }
    }

    private UdpSocket open(String verb) {
        for (int attempt = 1; ; attempt++) {
            int port = FIRST_PORT + ThreadLocalRandom.current().nextInt(PORTS);
            try {
                return UdpSocket.open(local.gid().high(), local.gid().low(), local.scope(), port, false, verb);
            } catch (VerbsException e) {
                if (e.errno() != UdpSocket.EADDRINUSE || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    LocalAddress local() {
        return local;
    }

    PacketCounters counters() {
        return counters;
    }

    PacketCapture capture() {
        return capture;
    }

    UdpSocket socket(int index) {
        return sockets[index];
    }

    int port(int socket) {
        return ports[socket];
    }

    boolean isUp() {
        return up;
    }

    void set(boolean nowUp) {
        up = nowUp;
    }

    boolean isClosed() {
        return closed;
    }

    SocketBatch lend() {
        for (int i = 0; i < KEPT_BATCHES; i++) {
            SocketBatch batch = kept.get(i) == null ? null : kept.getAndSet(i, null);
            if (batch != null) {
                return batch;
            }
        }
        SocketBatch batch = new SocketBatch(this, all.size() < KEPT_BATCHES ? SLOTS : EXTRA_SLOTS);
        all.add(batch);
        return batch;
    }

    void giveBack(SocketBatch batch) {
        batch.send();
        for (int i = 0; i < KEPT_BATCHES && batch.slots() == SLOTS; i++) {
            if (kept.get(i) == null && kept.compareAndSet(i, null, batch)) {
                return;
            }
        }
        boolean unused = all.remove(batch);
    }

    /** From now on nothing waits for room: what finds none is not sent. */
    void hurry() {
        hurried = true;
    }

    boolean isHurried() {
        return hurried;
    }

    /** From now on nothing is sent; closes the sockets, when nobody is in a call on them any more. */
    void close() {
        hurry();
        closed = true;
        for (SocketBatch batch : all) {
            while (batch.isSending()) {
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(100));
            }
        }
        closeSockets();
    }

    private void closeSockets() {
        for (UdpSocket socket : sockets) {
            if (socket != null) {
                socket.close();
            }
        }
    }
}
