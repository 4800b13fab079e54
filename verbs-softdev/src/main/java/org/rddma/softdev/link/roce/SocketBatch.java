package org.rddma.softdev.link.roce;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import org.rddma.verbs.Errno;
import org.rddma.verbs.internal.os.DatagramBatch;
import org.rddma.verbs.internal.os.PollSet;
import org.rddma.verbs.internal.os.UdpSocket;

/** Packets that leave through sockets, each run of those for one socket with one system call. */
final class SocketBatch extends TransmitBatch {
    /** Room for the longest packet, in whole cache lines. */
    static final int SLOT_BYTES = PacketCheck.MOST_BYTES + 63 & -64;

    private static final int ALIGNMENT = 4;
    private static final int POLL_MILLIS = 10;
    private static final int PAUSE_MILLIS = 1;

    /** After so long without room for a packet something is wrong with the interface, and the packet is lost. */
    private static final long PATIENCE_NANOS = 1_000_000_000;

    private final Transmitter transmitter;
    private final PacketCapture capture; // null for none
    private final DatagramBatch datagrams;
    private final ByteBuffer memory;
    private final int[] sockets; // by slot, through which it leaves
    private final Icrc icrc = new Icrc();
    private final PollSet room = new PollSet(1);
    private int packets;

    /** Whether the sockets may be in use. */
    private volatile boolean sending;

    SocketBatch(Transmitter transmitter, int slots) {
        this.transmitter = transmitter;
        capture = transmitter.capture();
        datagrams = new DatagramBatch(slots, SLOT_BYTES, !transmitter.local().isVersion4(), "lend");
        memory = datagrams.memory();
        sockets = new int[slots];
    }

    @Override
    public ByteBuffer memory() {
        return memory;
    }

    @Override
    public boolean isFull() {
        return packets == sockets.length;
    }

    @Override
    public int packets() {
        return packets;
    }

    @Override
    protected int next() {
        return datagrams.start(packets);
    }

    @Override
    public void end(int bytes, Path path) {
        LocalAddress local = transmitter.local();
        long high = path.destinationGidHigh();
        long low = path.destinationGidLow();
        if (Icrc.isVersion4(high, low) != local.isVersion4()) {
            transmitter.counters().count(PacketCounter.SEND_ERRORS); // no way leads there
            return;
        }
        if (bytes < BTH_BYTES || bytes > PacketCheck.MOST_BYTES - ICRC_BYTES) { // and not into the next packet
            throw new IllegalArgumentException("a packet of " + bytes + " bytes");
        }
        int start = datagrams.start(packets);
        int pad = -bytes & ALIGNMENT - 1;
        for (int i = bytes; i < bytes + pad; i++) {
            memory.put(start + i, (byte) 0);
        }
        memory.put(start + FLAGS, (byte) (memory.get(start + FLAGS) & ~PAD | pad << PAD_SHIFT));
        int padded = bytes + pad;
        int socket = path.sourcePort() & Transmitter.SOCKETS - 1;
        long ownHigh = local.gid().high();
        long ownLow = local.gid().low();
        int sum = icrc.of(memory, start, padded, ownHigh, ownLow, high, low, transmitter.port(socket));
        memory.putInt(start + padded, sum);
        if (capture != null && transmitter.isUp() && !transmitter.isClosed()) {
            capture.sent(memory, start, padded + ICRC_BYTES, local.gid(), transmitter.port(socket), path);
        }
        datagrams.describe(packets, padded + ICRC_BYTES, high, low, UDP_PORT);
        int hopLimit = path.hopLimit() == 0 ? Transmitter.HOP_LIMIT : path.hopLimit();
        if (hopLimit != Transmitter.HOP_LIMIT || path.trafficClass() != 0) {
            datagrams.mark(packets, path.trafficClass(), hopLimit);
        }
        sockets[packets++] = socket;
    }

    @Override
    public void send() {
        if (packets == 0) {
            return;
        }
        if (!transmitter.isUp()) {
            transmitter.counters().count(PacketCounter.SEND_ERRORS, packets);
            packets = 0;
            return;
        }
        sending = true;
        int first = 0;
        try {
            while (first < packets && !transmitter.isClosed()) {
                int end = first + 1;
                while (end < packets && sockets[end] == sockets[first]) {
                    end++;
                }
                send(transmitter.socket(sockets[first]), first, end);
                first = end;
            }
        } finally {
            sending = false;
            if (first < packets) { // closed meanwhile
                transmitter.counters().count(PacketCounter.SEND_ERRORS, packets - first);
            }
            packets = 0;
        }
    }

    private void send(UdpSocket socket, int first, int end) {
        PacketCounters counters = transmitter.counters();
        long waitingSince = 0;
        int next = first;
        while (next < end) {
            int sent = socket.send(datagrams, next, end - next);
            if (sent > 0) {
                counters.count(PacketCounter.SENT_PACKETS, sent);
                next += sent;
                waitingSince = 0;
                continue;
            }
            boolean noRoom = sent == -Errno.EAGAIN || sent == -UdpSocket.ENOBUFS;
            if (noRoom && !transmitter.isHurried()) {
                long now = System.nanoTime();
                waitingSince = waitingSince == 0 ? now : waitingSince;
                if (now - waitingSince < PATIENCE_NANOS) {
                    awaitRoom(sent == -Errno.EAGAIN ? socket.fd() : -1);
                    continue;
                }
            } else if (sent == -Errno.EINTR) {
                continue;
            }
            counters.count(PacketCounter.SEND_ERRORS);
            next++;
        }
    }

    /** Waits for room in a socket; where there is none below it either, no descriptor tells, and time must pass. */
    private void awaitRoom(int fd) {
        room.set(0, fd, true);
        int unused = room.poll(fd < 0 ? PAUSE_MILLIS : POLL_MILLIS);
    }

    boolean isSending() {
        return sending;
    }

    int slots() {
        return sockets.length;
    }
}
