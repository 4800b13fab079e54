package org.rddma.softdev.link.roce;

import java.util.concurrent.TimeUnit;
import org.rddma.verbs.Gid;
import org.rddma.verbs.internal.os.DatagramBatch;
import org.rddma.verbs.internal.os.EventFd;
import org.rddma.verbs.internal.os.PollSet;
import org.rddma.verbs.internal.os.UdpSocket;

/**
 * Takes packets from the sockets, as many as are there at once, and hands them on; sleeps when there are none, and
 * no queue pair has more to answer. For the thread that receives.
 *
 * <p>Each system call that comes before the answer to a packet is time that the peer waits for. So the thread
 * sleeps in the very call that receives a packet, where it has only one socket to sleep on; and it looks for others
 * behind that packet only if there have been such lately. In poll(2) it sleeps where there are groups' sockets,
 * too, or packets of which a fault has made late ones.
 *
 * <p>Where it spins instead, a program's thread that polls may share its processor: so it gives it away behind each
 * packet, when there is something to poll, and from time to time, but not behind each look, for then every second turn
 * would be the program's, which has nothing to do.
 */
final class PacketReceiver {
    private static final int SLOTS = 32;
    private static final int FOR_EVER = -1;
    private static final int LATE_MILLIS = 2;
    private static final int SOCKET = 0;
    private static final int WAKE = 1;
    private static final int GROUPS = 2;

    /** So often it looks whether a group was joined: nothing wakes a thread that sleeps in a socket for that. */
    private static final int PATIENCE_MILLIS = 100;

    /** After so many packets that came alone, it looks whether there are others behind. */
    private static final int ALONE_ROUNDS = 16;

    /** After others were behind a packet, it looks for others so often. */
    private static final int DENSE_ROUNDS = 16;

    /** After so many looks in vain, of less than a microsecond each, others may have the processor: it may be the only one. */
    private static final int LOOKS_BEFORE_YIELD = 32;

    private final Gid own;
    private final UdpSocket socket;
    private final GroupSockets groupSockets;
    private final EventFd wake;
    private final PacketDispatcher dispatcher;
    private final FaultyWire faults;
    private final long spinNanos;
    private final DatagramBatch datagrams;
    private final ReceivedPacket packet = new ReceivedPacket();
    private PollSet sleep;
    private GroupSockets.Group[] groups;

    /** Slots that the last call received into, to be made ready again. */
    private int used = SLOTS;

    private boolean goesOn;
    private boolean isTimeToSleep;
    private long idleSince;
    private int looks;
    private int alone;
    private int dense;

    PacketReceiver(
            LocalAddress local,
            UdpSocket socket,
            GroupSockets groupSockets,
            EventFd wake,
            PacketDispatcher dispatcher,
            FaultyWire faults,
            int spinMicros) {
        own = local.gid();
        this.socket = socket;
        this.groupSockets = groupSockets;
        this.wake = wake;
        this.dispatcher = dispatcher;
        this.faults = faults;
        spinNanos = spinMicros == RoceSettings.ALWAYS ? Long.MAX_VALUE : TimeUnit.MICROSECONDS.toNanos(spinMicros);
        datagrams = new DatagramBatch(SLOTS, SocketBatch.SLOT_BYTES, !local.isVersion4(), "open");
        packet.memory = datagrams.memory();
        socket.setPatience(PATIENCE_MILLIS);
        takeOverGroups();
        idleSince = System.nanoTime();
    }

    private void takeOverGroups() {
        groups = groupSockets.takeOver();
        sleep = new PollSet(GROUPS + groups.length);
        sleep.set(SOCKET, socket.fd());
        sleep.set(WAKE, wake.fd());
        for (int i = 0; i < groups.length; i++) {
            sleep.set(GROUPS + i, groups[i].socket.fd());
        }
    }

    /** Sleeps if it is time to, and takes what is there. */
    void round() {
        if (groupSockets.haveChanged()) {
            takeOverGroups();
        }
        int came;
        if (isTimeToSleep && groups.length == 0 && faults == null) {
            came = sleepInSocket();
        } else {
            if (isTimeToSleep) {
                sleep();
            }
            came = hand(socket.receive(datagrams, used), own);
            for (GroupSockets.Group group : groups) {
                came = Math.max(came, hand(group.socket.receive(datagrams, used), group.gid));
            }
        }
        if (came > 0 || goesOn) {
            goesOn = dispatcher.endRound();
        }
        isTimeToSleep = came < SLOTS && !goesOn && !isSpinning(came);
    }

    private int sleepInSocket() {
        int came = hand(socket.await(datagrams, used), own);
        if (came == 0 || dense == 0 && ++alone < ALONE_ROUNDS) {
            return came;
        }
        alone = 0;
        int behind = hand(socket.receive(datagrams, used), own);
        dense = behind > 0 ? DENSE_ROUNDS : Math.max(0, dense - 1);
        return came + behind;
    }

    private void sleep() {
        boolean late = faults != null && faults.keepsPackets();
        if (sleep.poll(late ? LATE_MILLIS : FOR_EVER) == 0 && late) {
            releaseLate();
        }
        if (sleep.isReady(WAKE)) {
            boolean unused = wake.take();
        }
    }

    private boolean isSpinning(int came) {
        if (spinNanos == 0) {
            return false;
        }
        long now = System.nanoTime();
        if (came > 0) {
            idleSince = now;
            looks = 0;
            Thread.yield(); // to whom the completion was for, if it has no processor of its own
            return true;
        }
        if (now - idleSince >= spinNanos) {
            return false;
        }
        if (faults != null && now - idleSince > TimeUnit.MILLISECONDS.toNanos(LATE_MILLIS)) {
            releaseLate();
        }
        if (++looks % LOOKS_BEFORE_YIELD == 0) {
            Thread.yield();
        } else {
            Thread.onSpinWait();
        }
        return true;
    }

    private void releaseLate() {
        if (faults.keepsPackets()) {
            faults.releaseAll();
            goesOn = dispatcher.endRound();
        }
    }

    /** Hands on what was received, if anything was: no error means more than that nothing came now. */
    private int hand(int received, Gid destination) {
        used = Math.max(0, received);
        packet.destinationGidHigh = destination.high();
        packet.destinationGidLow = destination.low();
        for (int slot = 0; slot < used; slot++) {
            if (!datagrams.isDatagram(slot)) {
                return slot;
            }
            packet.start = datagrams.start(slot);
            packet.sourceGidHigh = datagrams.sourceHigh(slot);
            packet.sourceGidLow = datagrams.sourceLow(slot);
            packet.sourcePort = datagrams.sourcePort(slot);
            packet.mark(datagrams.trafficClass(slot), datagrams.hopLimit(slot));
            if (faults == null) {
                dispatcher.accept(packet, datagrams.length(slot));
            } else {
                faults.accept(packet, datagrams.length(slot));
            }
        }
        return used;
    }
}
