package org.rddma.softdev.engine;

import static org.rddma.softdev.link.roce.Opcodes.*;
import static org.rddma.softdev.link.roce.PacketFormat.*;
import static org.rddma.verbs.internal.ring.SendEntryDescriptor.*;

import java.nio.ByteBuffer;
import org.rddma.softdev.link.roce.Path;
import org.rddma.softdev.link.roce.TransmitBatch;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.WorkRequestOpcode;
import org.rddma.verbs.internal.ring.Words;
import org.rddma.verbs.internal.ring.WorkRing;
import org.rddma.verbs.spi.Connection;

/**
 * Writes packets of a send queue's entries. Which of its packets it is decides the operation and the headers of a
 * packet:
 *
 * <pre>
 *    SEND, WRITE   FIRST  MIDDLE ... MIDDLE  LAST    or ONLY; the address is in the first, all else in the last
 *    others        one packet, all of it headers, but for the 8 bytes of an atomic write
 * </pre>
 *
 * The entry's memory is found when its first packet is written, and found again for one that is sent again later: it may
 * have been withdrawn meanwhile.
 */
final class RequestPackets {
    private static final int SEND_WITH_IMM = WorkRequestOpcode.SEND_WITH_IMM.value();
    private static final int SEND_WITH_INV = WorkRequestOpcode.SEND_WITH_INV.value();
    private static final int RDMA_WRITE = WorkRequestOpcode.RDMA_WRITE.value();
    private static final int RDMA_WRITE_WITH_IMM = WorkRequestOpcode.RDMA_WRITE_WITH_IMM.value();
    private static final int RDMA_READ = WorkRequestOpcode.RDMA_READ.value();
    private static final int COMPARE_AND_SWAP = WorkRequestOpcode.ATOMIC_CMP_AND_SWP.value();
    private static final int FETCH_AND_ADD = WorkRequestOpcode.ATOMIC_FETCH_AND_ADD.value();
    private static final int FLUSH_RANGE = WorkRequestOpcode.FLUSH.value();
    private static final int WRITE_8 = WorkRequestOpcode.ATOMIC_WRITE.value();

    /** Requests whose answer the responder must keep. */
    private static final int ANSWERED_BY_DATA =
            1 << RDMA_READ | 1 << COMPARE_AND_SWAP | 1 << FETCH_AND_ADD | 1 << FLUSH_RANGE | 1 << WRITE_8;

    private static final int FETH_SELECTIVITY_SHIFT = 4;
    private static final int FETH_PLACEMENT = 0xF;
    private static final long NOTHING = -1;

    private final ByteBuffer entries;
    private final Connection connection;
    private final MemoryTable memory;
    private final Object domain;
    private final int number;
    private final int service;
    private final Segments payload;

    /** The entry whose memory is found. */
    private long loaded = NOTHING;

    RequestPackets(EngineConfig config, Connection connection, WorkRing ring) {
        this.connection = connection;
        entries = ring.memory();
        memory = config.memory();
        domain = config.domain();
        number = config.number();
        payload = new Segments(config.sizes().maxSendElements());
        service = config.type() == QueuePairType.UC ? UC : config.type() == QueuePairType.UD ? UD : RC;
    }

    /** Whether only an answer that carries a result, or stands for one, ends a request. */
    static boolean isAnsweredByData(int opcode) {
        return (ANSWERED_BY_DATA >>> opcode & 1) != 0;
    }

    /** Whether an answer is written to the requester's memory. */
    static boolean isWrittenBack(int opcode) {
        return opcode == RDMA_READ || opcode == COMPARE_AND_SWAP || opcode == FETCH_AND_ADD;
    }

    static boolean isRead(int opcode) {
        return opcode == RDMA_READ;
    }

    /** How many bytes an entry is about. */
    long bytes(int entry) {
        return Integer.toUnsignedLong(Words.lpInt(entries, entry + DATA_BYTES));
    }

    /** How many sequence numbers an entry takes: as many as packets carry its data, either way. */
    long packets(int entry, int opcode) {
        long bytes = bytes(entry);
        boolean isOne = bytes == 0 || service == UD || isAnsweredByData(opcode) && opcode != RDMA_READ;
        return isOne ? 1 : (bytes - 1 >>> connection.mtuShift()) + 1;
    }

    /** Finds the memory of an entry; false when it may not be used so. */
    boolean load(long position, int entry, int kind) {
        if (loaded == position) {
            return true;
        }
        loaded = NOTHING;
        int opcode = opcode(kind);
        if ((flags(kind) & SendFlags.INLINE) != 0) {
            payload.clear();
            payload.add(entries, entry + (opcode == WRITE_8 ? COMPARE_ADD : DATA), (int) bytes(entry));
        } else if (!payload.load(
                entries,
                entry + DATA,
                elements(kind),
                memory,
                domain,
                isWrittenBack(opcode) ? AccessFlags.LOCAL_WRITE : 0)) {
            return false;
        }
        loaded = position;
        return true;
    }

    boolean refersTo(ByteBuffer buffer) {
        return payload.refersTo(buffer);
    }

    void forget() {
        payload.forget();
        loaded = NOTHING;
    }

    // ---- packets; all throw what Copy throws when the entry's memory was taken away

    /** Writes a packet of a send or write. */
    void writeData(
            TransmitBatch batch, int entry, int kind, long index, boolean isLast, int psn, boolean ask, Path path) {
        int opcode = opcode(kind);
        boolean isFirst = index == 0;
        boolean writes = opcode == RDMA_WRITE || opcode == RDMA_WRITE_WITH_IMM;
        boolean solicited = isLast && opcode != RDMA_WRITE && (flags(kind) & SendFlags.SOLICITED) != 0;
        int operation = writes ? writeOperation(opcode, isFirst, isLast) : sendOperation(opcode, isFirst, isLast);
        int start = batch.begin(service | operation, solicited, connection.destinationQueuePair(), psn, ask);
        int at = start + BTH_BYTES;
        long total = bytes(entry);
        if (writes && isFirst) {
            at = writeRemote(batch.memory(), at, entry, 0, total);
        }
        if (isLast && (opcode == SEND_WITH_IMM || opcode == RDMA_WRITE_WITH_IMM)) {
            batch.memory().putInt(at, Words.lpInt(entries, entry + IMMEDIATE));
            at += IMMEDIATE_BYTES;
        } else if (isLast && opcode == SEND_WITH_INV) {
            batch.memory().putInt(at, Words.lpInt(entries, entry + REMOTE_KEY));
            at += IETH_BYTES;
        }
        long skip = index << connection.mtuShift();
        int bytes = (int) Math.min(total - skip, 1L << connection.mtuShift());
        payload.gather(skip, batch.memory(), at, bytes);
        batch.end(at + bytes - start, path);
    }

    private static int writeOperation(int opcode, boolean isFirst, boolean isLast) {
        if (!isLast) {
            return isFirst ? WRITE_FIRST : WRITE_MIDDLE;
        }
        if (opcode == RDMA_WRITE_WITH_IMM) {
            return isFirst ? WRITE_ONLY_IMMEDIATE : WRITE_LAST_IMMEDIATE;
        }
        return isFirst ? WRITE_ONLY : WRITE_LAST;
    }

    private static int sendOperation(int opcode, boolean isFirst, boolean isLast) {
        if (!isLast) {
            return isFirst ? SEND_FIRST : SEND_MIDDLE;
        }
        if (opcode == SEND_WITH_IMM) {
            return isFirst ? SEND_ONLY_IMMEDIATE : SEND_LAST_IMMEDIATE;
        }
        if (opcode == SEND_WITH_INV) {
            return isFirst ? SEND_ONLY_INVALIDATE : SEND_LAST_INVALIDATE;
        }
        return isFirst ? SEND_ONLY : SEND_LAST;
    }

    private int writeRemote(ByteBuffer to, int at, int entry, long skip, long bytes) {
        to.putLong(at, Words.lpLong(entries, entry + REMOTE_ADDRESS) + skip);
        to.putInt(at + 8, Words.lpInt(entries, entry + REMOTE_KEY));
        to.putInt(at + 12, (int) bytes);
        return at + RETH_BYTES;
    }

    /** Writes the request for a part of a read. */
    void writeRead(TransmitBatch batch, int entry, long skip, long bytes, int psn, Path path) {
        int start = batch.begin(READ_REQUEST, false, connection.destinationQueuePair(), psn, true);
        int end = writeRemote(batch.memory(), start + BTH_BYTES, entry, skip, bytes);
        batch.end(end - start, path);
    }

    /** Writes an atomic, an atomic write or a flush. */
    void writeSpecial(TransmitBatch batch, int entry, int opcode, int psn, Path path) {
        int operation = opcode == COMPARE_AND_SWAP
                ? COMPARE_SWAP
                : opcode == FETCH_AND_ADD ? FETCH_ADD : opcode == WRITE_8 ? ATOMIC_WRITE : FLUSH;
        int start = batch.begin(operation, false, connection.destinationQueuePair(), psn, true);
        ByteBuffer to = batch.memory();
        int at = start + BTH_BYTES;
        int end;
        if (operation == FLUSH) {
            int how = (int) Words.lpLong(entries, entry + SWAP); // placement in its lowest byte, level behind it
            to.putInt(at, how & FETH_PLACEMENT | how >>> Byte.SIZE << FETH_SELECTIVITY_SHIFT);
            end = writeRemote(to, at + FETH_BYTES, entry, 0, Words.lpLong(entries, entry + COMPARE_ADD));
        } else if (operation == ATOMIC_WRITE) {
            end = writeRemote(to, at, entry, 0, Long.BYTES);
            payload.gather(0, to, end, Long.BYTES);
            end += Long.BYTES;
        } else {
            end = writeAtomic(to, at, entry, operation);
        }
        batch.end(end - start, path);
    }

    private int writeAtomic(ByteBuffer to, int at, int entry, int operation) {
        boolean swaps = operation == COMPARE_SWAP;
        long first = Words.lpLong(entries, entry + COMPARE_ADD);
        to.putLong(at, Words.lpLong(entries, entry + REMOTE_ADDRESS));
        to.putInt(at + 8, Words.lpInt(entries, entry + REMOTE_KEY));
        to.putLong(at + 12, swaps ? Words.lpLong(entries, entry + SWAP) : first);
        to.putLong(at + 20, swaps ? first : 0);
        return at + ATOMIC_BYTES;
    }

    /** Writes a datagram. */
    void writeDatagram(TransmitBatch batch, int entry, int kind, int psn, PathCache paths) {
        boolean immediate = opcode(kind) == SEND_WITH_IMM;
        boolean solicited = (flags(kind) & SendFlags.SOLICITED) != 0;
        int peer = Words.lpInt(entries, entry + REMOTE_QUEUE_PAIR);
        int wanted = Words.lpInt(entries, entry + REMOTE_QKEY);
        int operation = immediate ? SEND_ONLY_IMMEDIATE : SEND_ONLY;
        int start = batch.begin(UD | operation, solicited, peer, psn, false);
        ByteBuffer to = batch.memory();
        int at = start + BTH_BYTES;
        to.putInt(at, wanted < 0 ? connection.qkey() : wanted); // with the top bit set, the own Q_Key goes out
        to.putInt(at + 4, number);
        at += DETH_BYTES;
        if (immediate) {
            to.putInt(at, Words.lpInt(entries, entry + IMMEDIATE));
            at += IMMEDIATE_BYTES;
        }
        int bytes = (int) bytes(entry);
        payload.gather(0, to, at, bytes);
        long way = Words.lpLong(entries, entry + WAY);
        batch.end(
                at + bytes - start,
                paths.path(
                        Words.lpLong(entries, entry + GID_HIGH),
                        Words.lpLong(entries, entry + GID_LOW),
                        trafficClass(way),
                        hopLimit(way),
                        flowLabel(way),
                        peer));
    }
}
