package org.rddma.perftest;

import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.CompletionFields;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Context;
import org.rddma.verbs.Device;
import org.rddma.verbs.Gid;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.PortAttributes;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SharedReceiveQueue;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.app.Endpoint;

/**
 * One end of a ping-pong: its context, memory and queue pairs, with the sizes and attributes that the C programs give
 * them. One buffer is sent from and received to.
 */
final class PingPongEnd implements AutoCloseable {
    static final long RECEIVE_ID = 1;
    static final long SEND_ID = 2;

    private static final byte FILL = 0x7B;
    private static final int PAGE = 4096;
    private static final int TIMEOUT = 14;
    private static final int RETRIES = 7;
    private static final int RNR_TIMER = 12;

    final PingPongSettings settings;
    final CompletionQueue queue;
    final CompletionChannel channel;
    final QueuePair[] pairs;
    private final Context context;
    private final ProtectionDomain domain;
    private final MemoryRegion memory;
    private final SharedReceiveQueue sharedReceives;
    private final ReceiveRequest receive;
    private final int[] psns;
    private final AddressHandle[] handles;

    private PingPongEnd(PingPongSettings settings, Context context) {
        this.settings = settings;
        this.context = context;
        checkSize();
        domain = context.allocateProtectionDomain();
        int bytes = settings.size + settings.kind.headerBytes();
        memory = domain.allocateMemory(Math.max(1, bytes), AccessFlags.LOCAL_WRITE);
        ByteBuffer buffer = memory.buffer();
        while (buffer.hasRemaining()) {
            buffer.put(FILL);
        }
        channel = settings.events ? context.createCompletionChannel() : null;
        boolean srq = settings.kind == PingPongKind.SRQ;
        queue = context.createCompletionQueue(new CompletionQueueAttributes()
                .entries(settings.rxDepth + settings.queuePairs)
                .channel(channel)
                .fields(
                        settings.timestamps
                                ? CompletionFields.STANDARD | CompletionFields.COMPLETION_TIMESTAMP
                                : CompletionFields.STANDARD));
        sharedReceives = srq
                ? domain.createSharedReceiveQueue(new SharedReceiveQueueAttributes()
                        .maxRequests(settings.rxDepth)
                        .maxElements(1))
                : null;
        pairs = new QueuePair[settings.queuePairs];
        psns = new int[settings.queuePairs];
        handles = new AddressHandle[settings.queuePairs];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = queuePair();
            psns[i] = ThreadLocalRandom.current().nextInt(1 << 24);
        }
        receive = new ReceiveRequest(RECEIVE_ID, new ScatterGatherElement(memory, 0, bytes));
    }

    static PingPongEnd open(PingPongSettings settings) {
        String device = settings.device == null ? firstRoce() : settings.device;
        Context context = CapturedDevice.open(device, settings.capture);
        try {
            return new PingPongEnd(settings, context);
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
    }

    private static String firstRoce() {
        return Verbs.devices().stream()
                .map(Device::name)
                .filter(name -> name.startsWith("roce:"))
                .findFirst()
                .orElseThrow(() -> new UsageException(
                        "there is no roce device: give one with -d, such as -d roce:10.9.0.2 with an address of this"
                                + " host"));
    }

    private void checkSize() {
        int most = portAttributes().activeMtu().bytes();
        if (settings.kind == PingPongKind.UD && settings.size > most) {
            throw new RunFailedException("Requested size larger than port MTU (" + most + ")");
        }
    }

    private QueuePair queuePair() {
        QueuePair pair = domain.createQueuePair(new QueuePairInitAttributes()
                .type(settings.kind.type())
                .completionQueue(queue)
                .sharedReceiveQueue(sharedReceives)
                .maxSendRequests(1)
                .maxReceiveRequests(sharedReceives == null ? settings.rxDepth : 0));
        QueuePairAttributes attributes = new QueuePairAttributes()
                .state(QueuePairState.INIT)
                .pkeyIndex(0)
                .port(settings.devicePort);
        pair.modify(settings.kind == PingPongKind.UD ? attributes.qkey(Endpoint.QKEY) : attributes.accessFlags(0));
        return pair;
    }

    private PortAttributes portAttributes() {
        return context.queryPort(settings.devicePort);
    }

    PingPongAddress[] addresses() {
        Gid gid = context.queryGid(settings.devicePort, settings.gidIndex);
        if (gid.isZero()) {
            throw new UsageException("-g: the port has no GID " + settings.gidIndex);
        }
        PingPongAddress[] addresses = new PingPongAddress[pairs.length];
        for (int i = 0; i < pairs.length; i++) {
            addresses[i] = new PingPongAddress(portAttributes().lid(), pairs[i].number(), psns[i], gid);
        }
        return addresses;
    }

    /** Takes all queue pairs to RTS, each with the peer's of the same place. */
    void connect(PingPongAddress[] remote) {
        for (int i = 0; i < pairs.length; i++) {
            AddressVector vector = new AddressVector(
                    remote[i].gid(),
                    settings.gidIndex,
                    settings.kind.hopLimit(),
                    0,
                    0,
                    settings.serviceLevel,
                    settings.devicePort);
            QueuePairAttributes toReceive = new QueuePairAttributes().state(QueuePairState.RTR);
            QueuePairAttributes toSend =
                    new QueuePairAttributes().state(QueuePairState.RTS).sqPsn(psns[i]);
            if (settings.kind != PingPongKind.UD) {
                toReceive
                        .addressVector(vector)
                        .pathMtu(settings.mtu)
                        .destinationQueuePair(remote[i].queuePair())
                        .rqPsn(remote[i].psn());
            }
            if (settings.kind != PingPongKind.UD && settings.kind != PingPongKind.UC) {
                toReceive.maxDestReadAtomic(1).minRnrTimer(RNR_TIMER);
                toSend.timeout(TIMEOUT).retryCount(RETRIES).rnrRetry(RETRIES).maxReadAtomic(1);
            }
            pairs[i].modify(toReceive);
            pairs[i].modify(toSend);
            handles[i] = settings.kind == PingPongKind.UD ? domain.createAddressHandle(vector) : null;
        }
    }

    /** For datagrams, the way to the peer. */
    AddressHandle handle(int pair) {
        return handles[pair];
    }

    /** What is sent. */
    ScatterGatherElement message() {
        return new ScatterGatherElement(memory, settings.kind.headerBytes(), settings.size);
    }

    /** Posts so many receives; returns how many fitted. */
    int postReceives(int count) {
        for (int i = 0; i < count; i++) {
            boolean posted = sharedReceives == null
                    ? pairs[0].postReceive(receive) == null
                    : sharedReceives.postReceive(receive) == null;
            if (!posted) {
                return i;
            }
        }
        return count;
    }

    /** What the client changes before it sends, for the server to find: the first byte of each page. */
    void markPages() {
        for (long at = 0; at < settings.size; at += PAGE) { // the last page may end where a number of 32 bits does
            memory.buffer().put(settings.kind.headerBytes() + (int) at, (byte) 0);
        }
    }

    /** The first page without the client's mark, or -1. */
    int unmarkedPage() {
        for (long at = 0; at < settings.size; at += PAGE) {
            if (memory.buffer().get(settings.kind.headerBytes() + (int) at) != 0) {
                return (int) at / PAGE;
            }
        }
        return -1;
    }

    @Override
    public void close() {
        context.close();
    }
}
