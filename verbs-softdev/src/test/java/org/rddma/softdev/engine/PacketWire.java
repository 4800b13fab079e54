package org.rddma.softdev.engine;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.rddma.softdev.link.roce.HandMadePacket;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.softdev.link.roce.PacketCounters;
import org.rddma.softdev.link.roce.PacketPort;
import org.rddma.softdev.link.roce.PacketSink;
import org.rddma.softdev.link.roce.Path;
import org.rddma.softdev.link.roce.TransmitBatch;
import org.rddma.verbs.Gid;

/**
 * A network in memory: packets stay where they are until the test takes them, changes them, and delivers them. Packets
 * to a GID that no node has get lost.
 */
final class PacketWire {
    private static final int BATCH = 16;
    private static final int ROOM = 4096 + 256;

    final ManualTimer timer = new ManualTimer();

    /** How many packets a node says may be under way. */
    int window = 128;

    /** What {@link #settle} does to the packets of a round: leave some out, repeat some, change their order. */
    UnaryOperator<List<WirePacket>> weather = UnaryOperator.identity();

    private final Map<Gid, Node> nodes = new LinkedHashMap<>();
    private List<WirePacket> inTransit = new ArrayList<>();

    /** A port. */
    final class Node implements PacketPort {
        final Gid gid;
        final PacketCounters counters = new PacketCounters();
        private final Map<Integer, PacketSink> sinks = new ConcurrentHashMap<>();
        private final Set<PacketSink> touched = new LinkedHashSet<>();

        /** Lent again and again; null where packets go somewhere. */
        private TransmitBatch discarding;

        private Node(Gid gid) {
            this.gid = gid;
        }

        void add(int number, PacketSink sink) {
            sinks.put(number, sink);
        }

        void remove(int number) {
            sinks.remove(number);
        }

        long count(PacketCounter counter) {
            return counters.value(counter);
        }

        /** From now on what is sent here is forgotten at once, and sending makes no objects. */
        void discardWhatIsSent() {
            discarding = new DiscardingBatch();
        }

        @Override
        public TransmitBatch lend() {
            return discarding == null ? new Batch(this) : discarding;
        }

        @Override
        public void giveBack(TransmitBatch batch) {
            batch.send();
        }

        @Override
        public int window(int mtu) {
            return window;
        }

        @Override
        public PacketCounters counters() {
            return counters;
        }

        private void take(WirePacket packet, TransmitBatch answers) {
            PacketSink sink = sinks.get(packet.queuePair());
            if (sink == null) {
                counters.count(PacketCounter.DROPPED_UNKNOWN_QUEUE_PAIR);
                return;
            }
            ByteBuffer memory = ByteBuffer.allocateDirect(64 + packet.bytes().length)
                    .order(ByteOrder.BIG_ENDIAN)
                    .put(64, packet.bytes());
            sink.receive(HandMadePacket.of(memory, 64, packet.bytes().length, packet.source(), gid), answers);
            touched.add(sink);
        }

        /** Ends the round; true when somebody wants another one. */
        private boolean endRound(TransmitBatch answers) {
            List<PacketSink> now = new ArrayList<>(touched);
            touched.clear();
            for (PacketSink sink : now) {
                if (sink.endRound(answers)) {
                    touched.add(sink);
                }
            }
            answers.send();
            return !touched.isEmpty();
        }
    }

    private static final class DiscardingBatch extends TransmitBatch {
        private final ByteBuffer memory = ByteBuffer.allocateDirect(ROOM).order(ByteOrder.BIG_ENDIAN);
        private int packets;

        @Override
        public ByteBuffer memory() {
            return memory;
        }

        @Override
        public boolean isFull() {
            return packets == BATCH;
        }

        @Override
        public int packets() {
            return packets;
        }

        @Override
        protected int next() {
            return 0;
        }

        @Override
        public void end(int bytes, Path path) {
            packets++;
        }

        @Override
        public void send() {
            packets = 0;
        }
    }

    private final class Batch extends TransmitBatch {
        private final Node node;
        private final ByteBuffer memory =
                ByteBuffer.allocateDirect(BATCH * ROOM).order(ByteOrder.BIG_ENDIAN);
        private final List<WirePacket> packets = new ArrayList<>();

        Batch(Node node) {
            this.node = node;
        }

        @Override
        public ByteBuffer memory() {
            return memory;
        }

        @Override
        public boolean isFull() {
            return packets.size() == BATCH;
        }

        @Override
        public int packets() {
            return packets.size();
        }

        @Override
        protected int next() {
            if (isFull()) {
                throw new IllegalStateException("the batch is full");
            }
            return packets.size() * ROOM;
        }

        @Override
        public void end(int bytes, Path path) {
            int start = next();
            int pad = -bytes & 3;
            byte[] copy = new byte[bytes + pad];
            memory.get(start, copy, 0, bytes);
            copy[FLAGS] = (byte) (copy[FLAGS] & ~PAD | pad << PAD_SHIFT);
            packets.add(new WirePacket(node.gid, path, copy));
            node.counters.count(PacketCounter.SENT_PACKETS);
        }

        @Override
        public void send() {
            synchronized (PacketWire.this) {
                inTransit.addAll(packets);
            }
            packets.clear();
        }
    }

    /** A new port. */
    Node node(Gid gid) {
        Node node = new Node(gid);
        nodes.put(gid, node);
        return node;
    }

    /** Takes all packets away that are under way. */
    synchronized List<WirePacket> takeAll() {
        List<WirePacket> all = inTransit;
        inTransit = new ArrayList<>();
        return all;
    }

    /** Puts a packet on its way. */
    synchronized void inject(WirePacket packet) {
        inTransit.add(packet);
    }

    /** Hands packets to their receivers, in one round; true when somebody has more to send. */
    boolean deliver(List<WirePacket> packets) {
        Map<Node, TransmitBatch> answers = new LinkedHashMap<>();
        nodes.values().forEach(node -> answers.put(node, node.lend()));
        for (WirePacket packet : packets) {
            Node node = nodes.get(packet.destination());
            if (node != null) {
                node.take(packet, answers.get(node));
                if (answers.get(node).isFull()) {
                    answers.get(node).send();
                }
            }
        }
        boolean more = false;
        for (Map.Entry<Node, TransmitBatch> entry : answers.entrySet()) {
            more |= entry.getKey().endRound(entry.getValue());
        }
        return more;
    }

    /** Hands on what is under way, and what comes of it, until nothing moves. Time stands still. */
    void settle() {
        boolean more = false;
        while (true) {
            timer.runDue();
            List<WirePacket> packets = takeAll();
            if (packets.isEmpty() && !more) {
                return;
            }
            more = deliver(weather.apply(packets));
        }
    }

    /** Settles, and moves the time on to the next task, until nothing is left to be done. */
    void settleWithTime(int tasks) {
        settle();
        for (int i = 0; timer.runNext(); i++) {
            if (i == tasks) {
                throw new AssertionError("still at it after " + tasks + " tasks of the timer");
            }
            settle();
        }
    }
}
