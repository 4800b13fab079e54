package org.rddma.softdev.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.rddma.softdev.DeviceSides;
import org.rddma.softdev.SoftDeviceOptions;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.Mtu;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairCapabilities;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.SharedReceiveQueue;
import org.rddma.verbs.WorkCompletion;

/**
 * One end of a connection over a {@link PacketWire}: an engine with memory and completion queues of a software device,
 * but with a port of the wire. Close it before the context, which closes the rest.
 */
final class WireEnd implements AutoCloseable {
    static final int QKEY = 0x1234;
    static final int ALL_RIGHTS = AccessFlags.LOCAL_WRITE
            | AccessFlags.REMOTE_WRITE
            | AccessFlags.REMOTE_READ
            | AccessFlags.REMOTE_ATOMIC
            | AccessFlags.FLUSH_GLOBAL
            | AccessFlags.MW_BIND;

    final PacketWire.Node node;
    final ProtectionDomain domain;
    final CompletionQueue sends;
    final CompletionQueue receives;
    final MemoryRegion memory;
    final QueuePairEngine engine;
    final List<AsyncEventType> events = new ArrayList<>();

    private final Shape shape;

    /** What ends of a test have in common; change what matters. */
    static final class Shape {
        QueuePairType type = QueuePairType.RC;
        int depth = 256;
        int elements = 4;
        int inline = 64;
        int memory = 1 << 20;
        boolean signalAll;
        Mtu mtu = Mtu.MTU_256;
        int psn = 0xFFFFF0;
        int timeout = 14;
        int retries = 7;
        int rnrRetries = 7;
        int minRnrTimer = 12;
        int reads = 4;
        int peerReads = 4;
        int rights = ALL_RIGHTS;
        SharedReceiveQueue shared;
    }

    WireEnd(Context context, PacketWire wire, PacketWire.Node node, int number, Shape shape) {
        this.node = node;
        this.shape = shape;
        domain = context.allocateProtectionDomain();
        sends = context.createCompletionQueue(2 * shape.depth);
        receives = context.createCompletionQueue(2 * shape.depth);
        memory = domain.allocateMemory(shape.memory, shape.rights);
        engine = new QueuePairEngine(new EngineConfig(
                "end " + number,
                number,
                shape.type,
                new QueuePairCapabilities(shape.depth, shape.depth, shape.elements, shape.elements, shape.inline),
                shape.signalAll,
                DeviceSides.of(domain),
                DeviceSides.memoryOf(context),
                DeviceSides.of(sends),
                DeviceSides.of(receives),
                node.gid,
                SoftDeviceOptions.DEFAULT.mtu().bytes(),
                SoftDeviceOptions.DEFAULT.limits(),
                SoftDeviceOptions.DEFAULT.capabilities(),
                null,
                node,
                wire.timer,
                DeviceSides.routes(),
                DeviceSides.windows(),
                shape.shared == null ? null : DeviceSides.of(shape.shared),
                unused -> null,
                events::add,
                null));
        DeviceSides.attach(domain, engine);
        node.add(number, engine);
    }

    // ---- states

    /** Takes both ends to RTS, connected to each other. */
    static void connect(WireEnd a, WireEnd b) {
        a.connectTo(b.node, b.engine.number());
        b.connectTo(a.node, a.engine.number());
    }

    /** To RTS. */
    void connectTo(PacketWire.Node peer, int number) {
        toInit();
        toReceive(peer, number);
        toSend();
    }

    void toInit() {
        QueuePairAttributes init = new QueuePairAttributes()
                .state(QueuePairState.INIT)
                .pkeyIndex(0)
                .port(1);
        engine.modify(
                shape.type == QueuePairType.UD
                        ? init.qkey(QKEY)
                        : init.accessFlags(AccessFlags.REMOTE_WRITE
                                | AccessFlags.REMOTE_READ
                                | AccessFlags.REMOTE_ATOMIC
                                | AccessFlags.FLUSH_GLOBAL));
    }

    void toReceive(PacketWire.Node peer, int number) {
        QueuePairAttributes receive = new QueuePairAttributes().state(QueuePairState.RTR);
        if (shape.type != QueuePairType.UD) {
            receive.addressVector(AddressVector.to(peer.gid))
                    .pathMtu(shape.mtu)
                    .destinationQueuePair(number)
                    .rqPsn(shape.psn);
        }
        if (shape.type == QueuePairType.RC) {
            receive.maxDestReadAtomic(shape.peerReads).minRnrTimer(shape.minRnrTimer);
        }
        engine.modify(receive);
    }

    void toSend() {
        QueuePairAttributes send =
                new QueuePairAttributes().state(QueuePairState.RTS).sqPsn(shape.psn);
        if (shape.type == QueuePairType.RC) {
            send.timeout(shape.timeout)
                    .retryCount(shape.retries)
                    .rnrRetry(shape.rnrRetries)
                    .maxReadAtomic(shape.reads);
        }
        engine.modify(send);
    }

    void to(QueuePairState state) {
        engine.modify(new QueuePairAttributes().state(state));
    }

    // ---- posting

    ScatterGatherElement piece(int offset, int length) {
        return new ScatterGatherElement(memory, offset, length);
    }

    /** A signalled request over a piece of the memory. */
    SendRequest request(long wrId, int offset, int length) {
        return new SendRequest().wrId(wrId).sge(piece(offset, length)).flags(SendFlags.SIGNALED);
    }

    void post(SendRequest request) {
        assertThat(engine.postSend(request)).as("the send queue is full").isNull();
    }

    void receive(long wrId, int offset, int length) {
        assertThat(engine.postReceive(new ReceiveRequest(wrId, piece(offset, length))))
                .as("the receive queue is full")
                .isNull();
    }

    long address(int offset) {
        return memory.address() + offset;
    }

    int key() {
        return memory.rkey();
    }

    byte[] fill(int offset, int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        memory.buffer().put(offset, bytes);
        return bytes;
    }

    byte[] bytes(int offset, int length) {
        byte[] bytes = new byte[length];
        ByteBuffer unused = memory.buffer().get(offset, bytes);
        return bytes;
    }

    // ---- completions

    /** What has completed on the send side, in words: id and status. */
    List<String> sent() {
        return take(sends);
    }

    /** What has completed on the receive side, in words: id and status. */
    List<String> received() {
        return take(receives);
    }

    private static List<String> take(CompletionQueue queue) {
        List<String> all = new ArrayList<>();
        WorkCompletion completion = new WorkCompletion();
        while (queue.poll(completion)) {
            all.add(completion.wrId() + " " + completion.status());
        }
        return all;
    }

    @Override
    public void close() {
        node.remove(engine.number());
        engine.destroy();
        DeviceSides.detach(domain, engine);
    }
}
