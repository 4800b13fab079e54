package org.rddma.softdev.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.softdev.engine.RequestBench.*;
import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;

/** Whatever a peer sends: packets that are whole, but otherwise as they happen to be. */
class ResponderProperties {
    private static final int PACKETS = 200;
    private static final int RECEIVE_BYTES = 600;
    private static final int ALL = AccessFlags.LOCAL_WRITE
            | AccessFlags.REMOTE_WRITE
            | AccessFlags.REMOTE_READ
            | AccessFlags.REMOTE_ATOMIC
            | AccessFlags.FLUSH_GLOBAL;

    private final List<Integer> opcodes = new ArrayList<>();

    ResponderProperties() {
        for (int opcode = 0; opcode < 256; opcode++) {
            if (Opcodes.isKnown(opcode) && !Opcodes.isResponse(opcode) && opcode != Opcodes.CNP) {
                opcodes.add(opcode);
            }
        }
    }

    /** An end with a window in the middle of its memory that peers may use; receives go to the beginning. */
    private static final class Target {
        static final int WINDOW = 0x20000;
        static final int BYTES = 0x1000;

        final RequestBench bench;
        final MemoryRegion window;
        private byte[] rest;
        private int next;

        Target(QueuePairType type) {
            WireEnd.Shape shape = new WireEnd.Shape();
            shape.type = type;
            shape.rights = AccessFlags.LOCAL_WRITE;
            bench = new RequestBench(shape);
            window = bench.end.domain.registerMemory(bench.end.memory.buffer(), WINDOW, BYTES, ALL);
            bench.end.fill(0, 1 << 20, 1);
            rest = around();
        }

        /** All that no packet may change. */
        byte[] around() {
            byte[] all = bench.end.bytes(RECEIVE_BYTES, (1 << 20) - RECEIVE_BYTES);
            Arrays.fill(all, WINDOW - RECEIVE_BYTES, WINDOW - RECEIVE_BYTES + BYTES, (byte) 0);
            return all;
        }

        void reconnect() {
            bench.end.to(QueuePairState.RESET);
            bench.end.toInit();
            bench.end.toReceive(bench.peer, PEER);
            next = 0;
        }

        void check() {
            assertThat(around()).isEqualTo(rest);
        }

        void close() {
            window.close();
            bench.close();
        }
    }

    private static int near(Random random, int... values) {
        return values[random.nextInt(values.length)] + (random.nextInt(4) == 0 ? random.nextInt(17) - 8 : 0);
    }

    /** Headers that are often right, and often nearly. */
    private WirePacket packet(Random random, Target target, int service) {
        int opcode = opcodes.get(random.nextInt(opcodes.size()));
        if (random.nextInt(20) != 0) {
            while ((opcode & Opcodes.TRANSPORT) != service) {
                opcode = opcodes.get(random.nextInt(opcodes.size()));
            }
        }
        byte[] extension = new byte[Opcodes.headerBytes(opcode) - BTH_BYTES];
        random.nextBytes(extension);
        int payload = near(random, 0, 8, 44, MTU, MTU, MTU);
        byte[] data = new byte[Opcodes.mayCarryPayload(opcode) ? Math.max(0, payload) : 0];
        random.nextBytes(data);
        int reth = opcode == Opcodes.FLUSH ? FETH_BYTES : 0;
        if (extension.length >= reth + RETH_LENGTH && random.nextInt(10) != 0) {
            ByteBuffer headers = ByteBuffer.wrap(extension);
            headers.putLong(reth, target.window.address() + near(random, 0, 8, 64, Target.BYTES - 8, Target.BYTES));
            headers.putInt(reth + RETH_KEY, target.window.rkey());
            if (extension.length >= reth + RETH_BYTES) {
                headers.putInt(reth + RETH_LENGTH, near(random, 0, 8, data.length, 300, 1024, 1 << 31));
            }
        } else if (service == Opcodes.UD && extension.length >= DETH_BYTES) {
            ByteBuffer.wrap(extension).putInt(0, near(random, WireEnd.QKEY));
        }
        int number = target.next + (random.nextInt(3) == 0 ? random.nextInt(9) - 6 : 0);
        WirePacket made = target.bench.packet(opcode, number, extension, data);
        return random.nextBoolean() ? ack(made) : made;
    }

    @Property(tries = 100, shrinking = ShrinkingMode.OFF)
    @Label("whatever comes: nothing is thrown, nothing is written where it may not be, and a new connection works")
    void nothingBreaks(@ForAll long seed) {
        Random random = new Random(seed);
        QueuePairType type = List.of(QueuePairType.RC, QueuePairType.RC, QueuePairType.UC, QueuePairType.UD)
                .get(random.nextInt(4));
        int service = type == QueuePairType.RC ? Opcodes.RC : type == QueuePairType.UC ? Opcodes.UC : Opcodes.UD;
        Target target = new Target(type);
        try {
            int receives = 0;
            for (int i = 0; i < PACKETS; i++) {
                if (target.bench.end.engine.state() == QueuePairState.ERR) {
                    target.reconnect();
                }
                if (random.nextInt(3) == 0 && receives++ < PACKETS) {
                    target.bench.end.receive(i, 0, RECEIVE_BYTES);
                }
                WirePacket packet = packet(random, target, service);
                List<String> answers = target.bench.round(packet);
                if (type != QueuePairType.RC) {
                    assertThat(answers).isEmpty();
                }
                assertThat(answers).noneMatch(answer -> answer.startsWith("not") || answer.startsWith("opcode"));
                if (answers.stream().noneMatch(answer -> answer.startsWith("NAK") || answer.startsWith("RNR"))) {
                    target.next += Math.max(1, answers.size());
                }
                List<String> unused = target.bench.end.received();
            }
            target.check();
            target.reconnect();
            target.bench.end.receive(1, 0, RECEIVE_BYTES);
            target.bench.round(
                    type == QueuePairType.UD
                            ? target.bench.datagram(
                                    service | Opcodes.SEND_ONLY, WireEnd.QKEY, 1, new byte[0], new byte[8])
                            : target.bench.send(service | Opcodes.SEND_ONLY, 0, new byte[8]));
            assertThat(target.bench.end.received()).contains("1 SUCCESS");
        } finally {
            target.close();
        }
    }
}
