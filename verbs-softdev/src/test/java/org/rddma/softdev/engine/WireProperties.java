package org.rddma.softdev.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.rddma.softdev.SoftDeviceOptions;
import org.rddma.softdev.SoftFabric;
import org.rddma.verbs.Context;
import org.rddma.verbs.FlushLevel;
import org.rddma.verbs.FlushPlacement;
import org.rddma.verbs.Gid;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;

/** Two engines and a network that loses, repeats and reorders packets. */
class WireProperties {
    /** How often a packet may be lost, and so its answer: less than the retries together. */
    private static final int LOSSES = 2;

    private static final int MOST_BYTES = 2000;

    // each end's memory: what it sends or writes from | where answers go | what peers read | write | count | receives
    private static final int LANDING = 0x10000;
    private static final int READABLE = 0x20000;
    private static final int WRITABLE = 0x30000;
    private static final int COUNTERS = 0x40000;
    private static final int RECEIVES = 0x50000;

    /** What an end's memory should look like, and its completions. */
    private static final class Model {
        final byte[] memory;
        final List<String> sent = new ArrayList<>();
        final List<String> received = new ArrayList<>();

        Model(WireEnd end, long seed) {
            end.fill(0, LANDING, seed);
            end.fill(READABLE, COUNTERS - READABLE, seed + 1);
            memory = end.bytes(0, 1 << 20);
        }
    }

    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    @Label("whatever is lost, repeated or comes in another order: all is done in order, once, with the right bytes")
    void everythingArrivesOnce(@ForAll long seed) {
        Random random = new Random(seed);
        PacketWire wire = new PacketWire();
        WireEnd.Shape shape = new WireEnd.Shape();
        shape.psn = random.nextInt(1 << 24);
        shape.reads = 1 + random.nextInt(4);
        shape.peerReads = shape.reads;
        wire.window = new int[] {1, 2, 3, 8, 128}[random.nextInt(5)];
        wire.weather = weather(random);
        try (Context context =
                new SoftFabric().addDevice("wire0", SoftDeviceOptions.DEFAULT).open()) {
            WireEnd a = new WireEnd(context, wire, wire.node(new Gid(0, 1)), 0x11, shape);
            WireEnd b = new WireEnd(context, wire, wire.node(new Gid(0, 2)), 0x22, shape);
            WireEnd.connect(a, b);
            Model modelOfA = new Model(a, seed);
            Model modelOfB = new Model(b, ~seed);
            int count = 1 + random.nextInt(20);
            for (int i = 0; i < count; i++) {
                post(random, a, modelOfA, b, modelOfB, i);
                if (random.nextBoolean()) {
                    post(random, b, modelOfB, a, modelOfA, i);
                }
                if (random.nextInt(4) == 0) {
                    wire.settle();
                }
            }
            wire.settleWithTime(10_000);
            check(a, modelOfA);
            check(b, modelOfB);
            a.close();
            b.close();
        }
    }

    private static void check(WireEnd end, Model model) {
        assertThat(end.sent()).isEqualTo(model.sent);
        assertThat(end.received()).isEqualTo(model.received);
        assertThat(end.engine.state()).isEqualTo(QueuePairState.RTS);
        assertThat(end.bytes(0, 1 << 20)).isEqualTo(model.memory);
    }

    private static void post(Random random, WireEnd from, Model own, WireEnd to, Model peer, int i) {
        int bytes = random.nextInt(5) == 0 ? 256 * random.nextInt(8) : random.nextInt(MOST_BYTES + 1);
        int source = random.nextInt(LANDING - MOST_BYTES);
        int landing = LANDING + i * 2048;
        int flags = random.nextInt(4) == 0 ? SendFlags.SIGNALED | SendFlags.FENCE : SendFlags.SIGNALED;
        int operation = random.nextInt(9);
        SendRequest request =
                from.request(i, operation == 4 ? landing : source, bytes).flags(flags);
        switch (operation) {
            case 0, 1, 3 -> {
                int slot = RECEIVES + i * 2048;
                to.receive(i, slot, MOST_BYTES);
                if (operation == 3) {
                    int target = WRITABLE + random.nextInt(COUNTERS - WRITABLE - MOST_BYTES);
                    request.writeWithImmediate(to.address(target), to.key(), i);
                    System.arraycopy(own.memory, source, peer.memory, target, bytes);
                } else {
                    System.arraycopy(own.memory, source, peer.memory, slot, bytes);
                    if (operation == 1) {
                        request.sendWithImmediate(i);
                    }
                }
                peer.received.add(i + " SUCCESS");
            }
            case 2 -> {
                int target = WRITABLE + random.nextInt(COUNTERS - WRITABLE - MOST_BYTES);
                request.write(to.address(target), to.key());
                System.arraycopy(own.memory, source, peer.memory, target, bytes);
            }
            case 4 -> {
                int target = READABLE + random.nextInt(WRITABLE - READABLE - MOST_BYTES);
                request.read(to.address(target), to.key());
                System.arraycopy(peer.memory, target, own.memory, landing, bytes);
            }
            case 5, 6 -> count(random, request.sges(from.piece(landing, 8)), own, to, peer, landing, operation == 5);
            case 7 -> {
                int target = COUNTERS + 1024 + 8 * random.nextInt(4);
                request.sges(from.piece(source, 8)).atomicWrite(to.address(target), to.key());
                System.arraycopy(own.memory, source, peer.memory, target, 8);
            }
            default ->
                request.clearSges().flush(to.address(WRITABLE), to.key(), 64, FlushPlacement.GLOBAL, FlushLevel.RANGE);
        }
        own.sent.add(i + " SUCCESS");
        from.post(request);
    }

    private static void count(
            Random random, SendRequest request, Model own, WireEnd to, Model peer, int landing, boolean adds) {
        int target = COUNTERS + 8 * random.nextInt(4);
        var word = java.nio.ByteBuffer.wrap(peer.memory).order(ByteOrder.nativeOrder());
        long before = word.getLong(target);
        java.nio.ByteBuffer.wrap(own.memory).order(ByteOrder.nativeOrder()).putLong(landing, before);
        if (adds) {
            request.fetchAndAdd(to.address(target), to.key(), 3);
            word.putLong(target, before + 3);
        } else {
            boolean swaps = random.nextBoolean();
            request.compareAndSwap(to.address(target), to.key(), swaps ? before : before + 1, 7);
            if (swaps) {
                word.putLong(target, 7);
            }
        }
    }

    private static java.util.function.UnaryOperator<List<WirePacket>> weather(Random random) {
        int lost = random.nextInt(40);
        int repeated = random.nextInt(30);
        int shuffled = random.nextInt(50);
        Map<String, Integer> losses = new HashMap<>();
        List<WirePacket> late = new ArrayList<>();
        return packets -> {
            List<WirePacket> arrived = new ArrayList<>();
            for (WirePacket packet : packets) {
                if (random.nextInt(100) < lost
                        && losses.merge(packet.source() + " " + Arrays.toString(packet.bytes()), 1, Integer::sum)
                                <= LOSSES) {
                    continue;
                }
                arrived.add(packet);
                if (random.nextInt(100) < repeated) {
                    (random.nextBoolean() ? arrived : late).add(packet);
                }
            }
            if (random.nextInt(100) < shuffled) {
                Collections.shuffle(arrived, random);
            }
            if (random.nextInt(3) == 0) {
                arrived.addAll(late);
                late.clear();
            }
            return arrived;
        };
    }
}
