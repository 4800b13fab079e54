package org.rddma.softdev;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import java.util.Random;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.PacketFeed;
import org.rddma.verbs.Gid;
import org.rddma.verbs.QueuePair;

/**
 * Makes packets: such as a peer of the victims could send, then changed at random, or random from the beginning; from
 * the peer or from strangers, with right and with wrong check sums. What is aimed at others than the victims is made so
 * that it must be dropped: by a stranger, or with a wrong check sum.
 */
final class FuzzPackets {
    private static final int HEADERS_MOST = 44;
    private static final int MTU = 256;

    private final Random random;
    private final PacketFeed feed;
    private final FuzzVictims victims;
    private final int[] others;
    private final Gid peer;
    private final Gid stranger;
    private final ByteBuffer memory;
    private final byte[] noise = new byte[1 << 14];
    private final int[] psns;

    FuzzPackets(long seed, PacketFeed feed, FuzzVictims victims, int[] others, Gid peer, Gid stranger) {
        random = new Random(seed);
        this.feed = feed;
        this.victims = victims;
        this.others = others;
        this.peer = peer;
        this.stranger = stranger;
        memory = feed.memory();
        random.nextBytes(noise);
        psns = new int[victims.victims.size()];
    }

    /** A victim that was reset begins again with its first number. */
    void beginAgain() {
        for (int i = 0; i < psns.length; i++) {
            psns[i] = FuzzVictims.PSN;
        }
    }

    /** Feeds one packet that is for none of the victims, nor for the numbers of all. */
    void nextForOthers() {
        int bytes = random.nextInt(16) == 0 ? randomBytes() : likelyBytes();
        int destination = memory.getInt(DESTINATION) & ~MASK_24 | others[random.nextInt(others.length)];
        ByteBuffer unused = memory.putInt(DESTINATION, destination);
        feed(bytes);
    }

    /** Feeds one packet. */
    void next() {
        feed(random.nextInt(16) == 0 ? randomBytes() : likelyBytes());
    }

    private void feed(int bytes) {
        boolean right = random.nextInt(6) != 0;
        int datagram = Math.max(0, bytes) + ICRC_BYTES;
        int port = 0xC000 | random.nextInt(1 << 14);
        Gid source = random.nextInt(8) == 0 || right && isProtected() ? stranger : peer;
        if (bytes >= BTH_BYTES && bytes % 4 == 0 && bytes <= 4140) {
            feed.seal(bytes, source, port, right);
        }
        int cut = random.nextInt(64) == 0 ? random.nextInt(datagram + 1) : datagram;
        if (cut != datagram && source.equals(peer) && isProtected()) {
            source = stranger; // what is left could be right by chance
        }
        feed.feed(cut, source, port, random.nextInt(32) == 0 ? 3 : 0);
    }

    /** Whether it is aimed at somebody who must not notice. */
    private boolean isProtected() {
        int destination = memory.getInt(DESTINATION) & MASK_24;
        for (QueuePair victim : victims.victims) {
            if (victim.number() == destination) {
                return false;
            }
        }
        return true;
    }

    private int randomBytes() {
        int bytes = random.nextInt(4) == 0 ? random.nextInt(9000) : random.nextInt(100);
        memory.put(0, noise, random.nextInt(1000), bytes);
        memory.put(OPCODE, (byte) random.nextInt(256));
        if (random.nextBoolean()) {
            memory.put(FLAGS, (byte) (random.nextInt(8) << 4)).putShort(P_KEY, (short) 0xFFFF);
        }
        return bytes;
    }

    /** A packet that could be, and one in three of these with something changed. */
    private int likelyBytes() {
        int index = random.nextInt(psns.length);
        QueuePair victim = victims.victims.get(index);
        int service = switch (victim.type()) {
            case RC -> Opcodes.RC;
            case UC -> Opcodes.UC;
            default -> Opcodes.UD;
        };
        int operation = operation(service);
        if (random.nextInt(64) == 0) {
            service = random.nextInt(8) << 5;
        }
        int opcode = service | operation;
        if (random.nextInt(256) == 0 || !Opcodes.isKnown(opcode)) {
            opcode = Opcodes.CNP;
        }
        int destination = switch (random.nextInt(16)) {
            case 0 -> others[random.nextInt(others.length)];
            case 1 -> random.nextInt(1 << 24);
            default -> victim.number();
        };
        int bytes = write(opcode, destination, psn(index, opcode));
        if (random.nextInt(3) == 0) {
            bytes = change(bytes);
        }
        return bytes;
    }

    private int operation(int service) {
        if (service == Opcodes.UD) {
            return random.nextBoolean() ? Opcodes.SEND_ONLY : Opcodes.SEND_ONLY_IMMEDIATE;
        }
        int operation = random.nextInt(0x20);
        while (!Opcodes.isKnown(service | operation)) {
            operation = random.nextInt(0x20);
        }
        return operation;
    }

    /** The next one mostly, so that much is accepted; else one near it, or any. */
    private int psn(int index, int opcode) {
        if (Opcodes.isResponse(opcode)) {
            return FuzzVictims.PSN + random.nextInt(12);
        }
        return switch (random.nextInt(8)) {
            case 0 -> random.nextInt();
            case 1 -> psns[index] + random.nextInt(9) - 4;
            default -> psns[index]++;
        };
    }

    private int write(int opcode, int destination, int psn) {
        int headers = Opcodes.headerBytes(opcode);
        memory.put(0, noise, random.nextInt(1000), HEADERS_MOST);
        int payload = payload(opcode);
        memory.put(headers, noise, random.nextInt(1000), payload);
        int pad = -payload & 3;
        memory.put(OPCODE, (byte) opcode);
        memory.put(FLAGS, (byte) (pad << PAD_SHIFT | random.nextInt(2) << 7));
        memory.putShort(P_KEY, (short) 0xFFFF);
        memory.putInt(DESTINATION, destination & MASK_24 | (random.nextInt(64) == 0 ? FECN << 24 : 0));
        memory.putInt(PSN, psn & MASK_24 | (random.nextBoolean() ? ACK_REQUEST : 0));
        extend(opcode, payload);
        return headers + payload + pad;
    }

    private int payload(int opcode) {
        if (!Opcodes.mayCarryPayload(opcode)) {
            return 0;
        }
        if (Opcodes.operation(opcode) == Opcodes.ATOMIC_WRITE) {
            return 8;
        }
        return Opcodes.isLast(opcode) ? random.nextInt(MTU + 1) : MTU;
    }

    private void extend(int opcode, int payload) {
        int at = BTH_BYTES;
        long address = victims.memory.address()
                + (random.nextInt(16) == 0 ? random.nextInt(1 << 17) - (1 << 16) : 8 * random.nextInt(4000));
        int length = random.nextInt(8) == 0
                ? random.nextInt()
                : Opcodes.isLast(opcode) ? payload : payload + random.nextInt(600);
        switch (Opcodes.operation(opcode)) {
            case Opcodes.SEND_ONLY, Opcodes.SEND_ONLY_IMMEDIATE -> memory.putInt(at, FuzzVictims.QKEY);
            case Opcodes.WRITE_FIRST, Opcodes.WRITE_ONLY, Opcodes.WRITE_ONLY_IMMEDIATE, Opcodes.ATOMIC_WRITE ->
                remote(at, address, length);
            case Opcodes.READ_REQUEST -> remote(at, address, random.nextInt(3000));
            case Opcodes.FLUSH -> {
                memory.putInt(at, 1 << random.nextInt(6));
                remote(at + FETH_BYTES, address, random.nextInt(100));
            }
            case Opcodes.COMPARE_SWAP, Opcodes.FETCH_ADD -> remote(at, address, random.nextInt());
            case Opcodes.ACKNOWLEDGE, Opcodes.ATOMIC_ACKNOWLEDGE ->
                memory.put(at, (byte) (random.nextInt(3) == 0 ? random.nextInt(0x68) : UNLIMITED_CREDITS));
            case Opcodes.READ_RESPONSE_FIRST, Opcodes.READ_RESPONSE_LAST, Opcodes.READ_RESPONSE_ONLY ->
                memory.put(at, (byte) UNLIMITED_CREDITS);
            default -> {}
        }
    }

    private void remote(int at, long address, int length) {
        if (random.nextInt(16) == 0) {
            memory.putLong(at, victims.closed.address()).putInt(at + 8, victims.closed.rkey());
        } else {
            memory.putLong(at, address).putInt(at + 8, victims.memory.rkey());
        }
        ByteBuffer unused = memory.putInt(at + 12, length);
    }

    private int change(int bytes) {
        int changed = bytes;
        for (int i = random.nextInt(3); i >= 0; i--) {
            switch (random.nextInt(4)) {
                case 0 -> changed = Math.max(0, changed + 4 * (random.nextInt(9) - 4));
                case 1 -> changed = Math.max(0, changed + random.nextInt(9) - 4);
                default -> {
                    int at = random.nextInt(Math.min(bytes, HEADERS_MOST));
                    memory.put(at, (byte) (memory.get(at) ^ 1 << random.nextInt(8)));
                }
            }
        }
        return changed;
    }
}
