package org.rddma.softdev.link.roce;

import java.util.concurrent.TimeUnit;
import org.rddma.verbs.Gid;
import org.rddma.verbs.internal.os.DatagramBatch;
import org.rddma.verbs.internal.os.EventFd;
import org.rddma.verbs.internal.os.PollSet;
import org.rddma.verbs.internal.os.UdpSocket;

/**
 * Takes packets from the sockets, as many as are there at once, and hands them on; sleeps when there are none, and no
 * queue pair has more to answer. For the thread that receives.
 */
final class PacketReceiver {
    private static final int SLOTS = 32;
    private static final int FOR_EVER = -1;
    private static final int LATE_MILLIS = 2;
    private static final int SOCKET = 0;
    private static final int WAKE = 1;
    private static final int GROUPS = 2;

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
    private long idleSince;

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

    /** Takes what is there, and sleeps if that is nothing. */
    void round() {
        if (groupSockets.haveChanged()) {
            takeOverGroups();
        }
        int came = receive(socket, own);
        for (GroupSockets.Group group : groups) {
            came = Math.max(came, receive(group.socket, group.gid));
        }
        if (came > 0 || goesOn) {
            goesOn = dispatcher.endRound();
        }
        if (goesOn || came == SLOTS) {
            return;
        }
        if (spinNanos > 0) {
            long now = System.nanoTime();
            if (came > 0) {
                idleSince = now;
                return;
            }
            if (now - idleSince < spinNanos) {
                spin(now);
                return;
            }
        }
        sleep();
    }

    private int receive(UdpSocket from, Gid destination) {
        int came = Math.max(0, from.receive(datagrams, used)); // no error means more than that nothing came now
        used = came;
        packet.destinationGidHigh = destination.high();
        packet.destinationGidLow = destination.low();
        for (int slot = 0; slot < came; slot++) {
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
        return came;
    }

    private void spin(long now) {
        if (faults != null && now - idleSince > TimeUnit.MILLISECONDS.toNanos(LATE_MILLIS)) {
            releaseLate();
        }
        Thread.onSpinWait();
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

    private void releaseLate() {
        if (faults.keepsPackets()) {
            faults.releaseAll();
            goesOn = dispatcher.endRound();
        }
    }
}
