package org.rddma.softdev;

import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Gid;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;

/**
 * What one process has of a connection to another: a queue pair of each type, one completion queue, and memory, whose
 * first part is for sends, the second for receives, and the third for the peer to write to and read from.
 */
final class RoceStation implements AutoCloseable {
    static final int PART = 1 << 18;
    static final int HEADER = 40;
    static final int QKEY = 0x1111_1111;
    static final List<QueuePairType> TYPES = List.of(QueuePairType.RC, QueuePairType.UC, QueuePairType.UD);

    private static final int PSN = 0xFF_FFF0; // so that the numbers begin anew soon
    private static final int TIMEOUT = 16; // about 268 milliseconds
    private static final int RETRIES = 7;
    private static final int ALL_RIGHTS =
            AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC;

    final SoftContext context;
    final ProtectionDomain domain;
    final CompletionQueue queue;
    final MemoryRegion memory;
    private final List<QueuePair> pairs = new ArrayList<>();
    private String[] peer;
    private AddressHandle way;

    RoceStation(SoftContext context) {
        this.context = context;
        domain = context.allocateProtectionDomain();
        queue = context.createCompletionQueue(256);
        memory = domain.allocateMemory(3 * PART, ALL_RIGHTS);
        for (QueuePairType type : TYPES) {
            pairs.add(domain.createQueuePair(new QueuePairInitAttributes()
                    .type(type)
                    .sendCompletionQueue(queue)
                    .receiveCompletionQueue(queue)
                    .maxSendRequests(64)
                    .maxReceiveRequests(64)
                    .maxSendElements(1)
                    .maxReceiveElements(1)));
        }
    }

    QueuePair pair(QueuePairType type) {
        return pairs.get(TYPES.indexOf(type));
    }

    /** What the peer must know, in a line. */
    String facts() {
        Gid gid = context.queryGid(1, 0);
        return gid.high() + " " + gid.low() + " " + pairs.get(0).number() + " "
                + pairs.get(1).number() + " " + pairs.get(2).number() + " " + memory.address() + " " + memory.rkey();
    }

    /** Takes all queue pairs to RTS, with what the peer has said. */
    void connect(String facts) {
        peer = facts.split(" ", 7);
        AddressVector vector = AddressVector.to(new Gid(Long.parseLong(peer[0]), Long.parseLong(peer[1])));
        way = domain.createAddressHandle(vector);
        for (QueuePair pair : pairs) {
            QueuePairType type = pair.type();
            QueuePairAttributes init = new QueuePairAttributes()
                    .state(QueuePairState.INIT)
                    .pkeyIndex(0)
                    .port(1);
            QueuePairAttributes receive = new QueuePairAttributes().state(QueuePairState.RTR);
            QueuePairAttributes send =
                    new QueuePairAttributes().state(QueuePairState.RTS).sqPsn(PSN);
            pair.modify(type == QueuePairType.UD ? init.qkey(QKEY) : init.accessFlags(ALL_RIGHTS));
            if (type != QueuePairType.UD) {
                receive.addressVector(vector)
                        .pathMtu(Mtu.MTU_1024)
                        .destinationQueuePair(peerNumber(type))
                        .rqPsn(PSN);
            }
            if (type == QueuePairType.RC) {
                receive.maxDestReadAtomic(4).minRnrTimer(12);
                send.timeout(TIMEOUT).retryCount(RETRIES).rnrRetry(7).maxReadAtomic(4);
            }
            pair.modify(receive);
            pair.modify(send);
        }
    }

    AddressHandle wayToPeer() {
        return way;
    }

    int peerNumber(QueuePairType type) {
        return Integer.parseInt(peer[2 + TYPES.indexOf(type)]);
    }

    /** The third part of the peer's memory. */
    long peerAddress() {
        return Long.parseLong(peer[5]) + 2 * PART;
    }

    int peerKey() {
        return Integer.parseInt(peer[6]);
    }

    /** Posts a receive into the second part. */
    void receive(QueuePairType type, int slot, int bytes) {
        ScatterGatherElement piece = new ScatterGatherElement(memory, PART + slot * bytes, bytes);
        if (pair(type).postReceive(new ReceiveRequest(slot, piece)) != null) {
            throw new AssertionError("no room for a receive");
        }
    }

    byte[] bytes(int offset, int length) {
        byte[] bytes = new byte[length];
        memory.buffer().duplicate().get(offset, bytes);
        return bytes;
    }

    long sum(int offset, int length) {
        CRC32 sum = new CRC32();
        sum.update(bytes(offset, length));
        return sum.getValue();
    }

    @Override
    public void close() {
        context.close();
    }
}
