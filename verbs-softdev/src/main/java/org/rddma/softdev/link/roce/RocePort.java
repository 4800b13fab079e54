package org.rddma.softdev.link.roce;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.EventFd;
import org.rddma.verbs.internal.os.Os;
import org.rddma.verbs.internal.os.UdpSocket;

/**
 * A port on the Internet: sockets of one address, and one thread that receives. Safe for use by several threads.
 *
 * <p>The thread that receives closes the sockets when it ends, so none is closed under a call on it; who closes the
 * port wakes the thread and waits for its end.
 */
public final class RocePort implements PacketPort {
    /** The multicast groups that it can be in at a time. */
    public static final int MOST_GROUPS = 256;

    private static final String OPEN = "open";
    private static final int MOST_BUFFER_BYTES = 32 << 20;
    private static final int MOST_PACKETS = 128;
    private static final long PAUSE_NANOS = 1_000_000;

    /** Others share the buffer: what may be under way to one is this part of it. */
    private static final int SHARE = 4;

    private final LocalAddress local;
    private final PacketCounters counters;
    private final UdpSocket socket;
    private final int receiveBufferBytes;
    private final GroupSockets groups;
    private final Transmitter transmitter;
    private final PacketReceiver receiver;
    private final EventFd wake; // used with its own lock, and not after it is closed
    private final int receiveCpu;
    private final Thread thread;
    private final CountDownLatch ready = new CountDownLatch(1);
    private VerbsException failure; // written before it is ready
    private boolean isWakeClosed; // with the lock of wake, and the socket, too
    private long droppedBySocket; // with that lock, once it is closed
    private volatile boolean closing;

    private RocePort(
            RoceSettings settings,
            PacketDirectory directory,
            String label,
            LocalAddress local,
            UdpSocket socket,
            Transmitter transmitter,
            EventFd wake) {
        this.local = local;
        this.socket = socket;
        this.transmitter = transmitter;
        this.wake = wake;
        counters = transmitter.counters();
        receiveCpu = settings.receiveCpu();
        receiveBufferBytes = socket.receiveBufferBytes();
        groups = new GroupSockets(local, bufferBytes(settings));
        PacketDispatcher dispatcher =
                new PacketDispatcher(local.gid(), directory, counters, transmitter.lend(), settings.capture());
        FaultyWire faults = settings.faults() == null ? null : new FaultyWire(settings.faults(), counters, dispatcher);
        receiver = new PacketReceiver(local, socket, groups, wake, dispatcher, faults, settings.spinMicros());
        thread = new Thread(this::run, label + " receiver");
        thread.setDaemon(true);
    }

    private static int bufferBytes(RoceSettings settings) {
        return settings.receiveBufferBytes() == 0 ? MOST_BUFFER_BYTES : settings.receiveBufferBytes();
    }

    private static UdpSocket bind(LocalAddress local) {
        try {
            long low = local.gid().low();
            return UdpSocket.open(local.gid().high(), low, local.scope(), PacketFormat.UDP_PORT, false, OPEN);
        } catch (VerbsException e) {
            if (e.errno() != UdpSocket.EADDRINUSE) {
                throw e;
            }
            throw new VerbsException(
                    OPEN,
                    UdpSocket.EADDRINUSE,
                    "UDP port " + PacketFormat.UDP_PORT + " of " + local.text()
                            + " is taken: another device of this address is open, in this process or another (a removed"
                            + " one is until its contexts are closed), or the kernel's rdma_rxe is loaded and has the"
                            + " port in this network namespace. End it, or use another address",
                    e);
        }
    }

    /**
     * Opens a port: from now on packets are received.
     *
     * @param settings how
     * @param directory who takes packets
     * @param label the receive thread is called this and "receiver"
     * @return to be closed
     * @throws VerbsException EADDRINUSE when someone else has the address's UDP port 4791; EADDRNOTAVAIL when the
     *     address is none of this host; EINVAL for an address that cannot be a port's; ENOSYS where native calls
     *     cannot be made; and what else the system says
     */
    public static RocePort open(RoceSettings settings, PacketDirectory directory, String label) {
        LocalAddress local = LocalAddress.of(settings.address(), OPEN);
        UdpSocket socket = bind(local);
        Transmitter transmitter = null;
        EventFd wake = null;
        boolean opened = false;
        try {
            socket.setUpToReceive(bufferBytes(settings));
            transmitter = new Transmitter(local, new PacketCounters(), settings.capture(), OPEN);
            wake = EventFd.counter(OPEN);
            RocePort port = new RocePort(settings, directory, label, local, socket, transmitter, wake);
            port.start();
            opened = true;
            return port;
        } finally {
            if (!opened) { // and its thread has not begun, or is gone
                socket.close();
                if (transmitter != null) {
                    transmitter.close();
                }
                if (wake != null) {
                    wake.close();
                }
            }
        }
    }

    private void start() {
        thread.start();
        await(ready);
        if (failure != null) {
            close();
            throw failure.onBehalfOf(OPEN);
        }
    }

    /**
     * The MTU that a port of this address has: the largest whose packets fit the interface.
     *
     * @param address of this host
     * @return the largest whose bytes are no more than the interface's less 80 for headers
     * @throws VerbsException EADDRNOTAVAIL when the address is none of this host; EINVAL when the interface is too
     *     small
     */
    public static Mtu mtuOf(InetAddress address) {
        return LocalAddress.of(address, "mtuOf").mtu("mtuOf");
    }

    // ---- the receive thread

    private void run() {
        try {
            if (receiveCpu != RoceSettings.ANY_CPU) {
                Os.pinThread(receiveCpu);
            }
        } catch (VerbsException e) {
            failure = e;
        } catch (RuntimeException | Error e) { // no memory, say; who opens waits for an answer
            failure = new VerbsException(OPEN, Errno.ENOMEM, "the receive thread cannot be bound: " + e, e);
        } finally {
            ready.countDown();
        }
        try {
            while (!closing) {
                receiveOnce();
            }
        } finally {
            synchronized (wake) {
                isWakeClosed = true;
                wake.close();
                droppedBySocket = socket.dropped();
                socket.close();
            }
            groups.close();
            transmitter.close();
        }
    }

    private void receiveOnce() {
        try {
            receiver.round();
        } catch (RuntimeException | Error e) { // nobody would notice that no more packets are received
            PacketDispatcher.report(e);
            LockSupport.parkNanos(PAUSE_NANOS); // it may be so for a while, with memory for one
        }
    }

    /** Wakes the thread that receives, wherever it sleeps. */
    private void wakeUp() {
        synchronized (wake) {
            if (!isWakeClosed) {
                wake.signal();
                if (closing) {
                    socket.wake();
                }
            }
        }
    }

    /** Waits for something that is soon, whoever wants this thread to stop waiting. */
    private static void await(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Its GID.
     *
     * @return of the address: IPv4-mapped, or IPv6
     */
    public Gid gid() {
        return local.gid();
    }

    /**
     * Receives packets to a multicast group, too.
     *
     * @param gidHigh first half of the group's GID
     * @param gidLow second half of the group's GID: of IPv4-mapped 224.0.0.0/4, or of ff00::/8, as the port's own
     * @throws VerbsException EINVAL for another GID, ENOMEM for too many groups, and what else the system says
     */
    public void join(long gidHigh, long gidLow) {
        groups.join(new Gid(gidHigh, gidLow), "join");
        wakeUp();
    }

    /**
     * Receives packets to a multicast group no more, after as many calls as of {@link #join}.
     *
     * @param gidHigh first half of the group's GID
     * @param gidLow second half of the group's GID
     */
    public void leave(long gidHigh, long gidLow) {
        groups.leave(new Gid(gidHigh, gidLow));
        wakeUp();
    }

    /**
     * Takes the link down or up: while it is down nothing is sent, and what comes is dropped.
     *
     * @param up whether packets pass; at first they do
     */
    public void set(boolean up) {
        if (transmitter.isUp() && !up) {
            counters.count(PacketCounter.LINK_DOWNED);
        }
        transmitter.set(up);
    }

    /**
     * Its threads.
     *
     * @return one
     */
    public List<Thread> threads() {
        return List.of(thread);
    }

    @Override
    public TransmitBatch lend() {
        return transmitter.lend();
    }

    @Override
    public void giveBack(TransmitBatch batch) {
        transmitter.giveBack((SocketBatch) batch);
    }

    @Override
    public int window(int mtu) {
        int packets = receiveBufferBytes / SHARE / costOf(mtu);
        return Math.max(1, Math.min(MOST_PACKETS, packets));
    }

    @Override
    public PacketCounters counters() {
        return counters;
    }

    /**
     * What was counted by now; the system is asked for what it has dropped.
     *
     * @param counter which
     * @return since the port was opened
     */
    public long value(PacketCounter counter) {
        return counter == PacketCounter.DROPPED_BY_SYSTEM ? droppedBySystem() : counters.value(counter);
    }

    private long droppedBySystem() {
        synchronized (wake) {
            return (isWakeClosed ? droppedBySocket : socket.dropped()) + groups.dropped();
        }
    }

    /** What the system counts for a packet: memory comes in powers of two, and it keeps some facts beside it. */
    private static int costOf(int mtu) {
        int headers = 512;
        return 2 * Integer.highestOneBit(mtu + headers) + headers;
    }

    /**
     * Ends the receive thread, which ends the round that it is in and closes the sockets: then batches that are lent send
     * nothing any more. Called by that thread it returns before. The caller holds no lock that a sink waits for. May be
     * called more than once.
     */
    public void close() {
        closing = true;
        transmitter.hurry(); // but what the receive thread has begun to answer still leaves: the peer waits for it
        wakeUp();
        if (Thread.currentThread().equals(thread)) {
            return; // it ends when it comes back from where it was called
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
