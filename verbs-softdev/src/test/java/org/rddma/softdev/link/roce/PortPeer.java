package org.rddma.softdev.link.roce;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.rddma.verbs.Gid;

/** A port with one queue pair, number 0x11, that keeps what comes. */
final class PortPeer implements PacketDirectory, PacketSink, AutoCloseable {
    static final int NUMBER = 0x11;

    /** What has come: a copy. */
    @SuppressWarnings("ArrayRecordComponent") // of packets, which nobody compares
    record Came(
            int opcode,
            boolean solicited,
            int psn,
            boolean asksForAck,
            Gid source,
            Gid destination,
            int trafficClass,
            int hopLimit,
            boolean congested,
            int identification,
            int padding,
            byte[] payload) {
        String text() {
            return new String(payload, StandardCharsets.US_ASCII);
        }
    }

    private final List<Came> came = new ArrayList<>();
    private final Map<Gid, Boolean> groups = new ConcurrentHashMap<>();
    final RocePort port;
    volatile PacketSink sink = this;

    PortPeer(String address) {
        this(RoceSettings.of(address(address)));
    }

    PortPeer(RoceSettings settings) {
        port = RocePort.open(settings, this, "test");
    }

    static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (java.net.UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public PacketSink find(int number) {
        return number == NUMBER ? sink : null;
    }

    @Override
    public PacketSink[] group(long gidHigh, long gidLow) {
        return groups.containsKey(new Gid(gidHigh, gidLow)) ? new PacketSink[] {sink} : new PacketSink[0];
    }

    void attach(Gid group) {
        groups.put(group, true);
        port.join(group.high(), group.low());
    }

    void detach(Gid group) {
        port.leave(group.high(), group.low());
        groups.remove(group);
    }

    @Override
    public void receive(ReceivedPacket packet, TransmitBatch answers) {
        byte[] payload = new byte[packet.payloadBytes()];
        packet.memory().get(packet.payload(), payload);
        Came copy = new Came(
                packet.opcode(),
                packet.isSolicited(),
                packet.psn(),
                packet.asksForAck(),
                new Gid(packet.sourceGidHigh(), packet.sourceGidLow()),
                new Gid(packet.destinationGidHigh(), packet.destinationGidLow()),
                packet.trafficClass(),
                packet.hopLimit(),
                packet.isCongested(),
                packet.identification,
                paddingOf(packet),
                payload);
        synchronized (came) {
            came.add(copy);
        }
    }

    /** The bytes behind the payload, as a number. */
    private static int paddingOf(ReceivedPacket packet) {
        int padding = 0;
        for (int at = packet.payload() + packet.payloadBytes(); at < packet.start + packet.length; at++) {
            padding = padding << 8 | packet.memory().get(at) & 0xFF;
        }
        return padding;
    }

    @Override
    public boolean endRound(TransmitBatch answers) {
        return false;
    }

    List<Came> came() {
        synchronized (came) {
            return List.copyOf(came);
        }
    }

    int count() {
        synchronized (came) {
            return came.size();
        }
    }

    Path pathTo(PortPeer other) {
        return pathTo(other.port.gid(), 0, 0, 0xC000);
    }

    Path pathTo(Gid gid, int trafficClass, int hopLimit, int sourcePort) {
        return new Path(gid.high(), gid.low(), trafficClass, hopLimit, sourcePort);
    }

    /** Writes a send of one packet into a batch. */
    static void put(TransmitBatch batch, int psn, byte[] payload, Path path) {
        int start = batch.begin(Opcodes.SEND_ONLY, false, NUMBER, psn, true);
        batch.memory().put(start + PacketFormat.BTH_BYTES, payload);
        batch.end(PacketFormat.BTH_BYTES + payload.length, path);
    }

    void send(int psn, byte[] payload, Path path) {
        TransmitBatch batch = port.lend();
        put(batch, psn, payload, path);
        port.giveBack(batch);
    }

    void send(int psn, String payload, PortPeer to) {
        send(psn, payload.getBytes(StandardCharsets.US_ASCII), pathTo(to));
    }

    long value(PacketCounter counter) {
        return port.counters().value(counter);
    }

    static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    /** How many descriptors of sockets and events this process has. */
    static long descriptors() {
        try (Stream<java.nio.file.Path> open = Files.list(java.nio.file.Path.of("/proc/self/fd"))) {
            return open.filter(PortPeer::isSocketOrEvent).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isSocketOrEvent(java.nio.file.Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.startsWith("socket:") || target.startsWith("anon_inode:");
        } catch (IOException e) {
            return false; // gone meanwhile
        }
    }

    @Override
    public void close() {
        port.close();
    }
}
