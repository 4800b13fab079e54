package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
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
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkCompletion;

/**
 * Queue pairs that a hostile peer may do to what it likes, except for reaching beyond their memory; and bystanders, to
 * which nothing may happen, because they are connected elsewhere.
 */
final class FuzzVictims implements AutoCloseable {
    static final int PSN = 0xFFFFF0; // it goes round soon
    static final int QKEY = 0x7777;
    static final int PEER = 0xABCDE;

    private static final int GUARD = 1 << 14;
    private static final int REGION = 1 << 15;
    private static final int RECEIVE_BYTES = 4200;
    private static final byte FILL = 0x5A;
    private static final int RIGHTS = AccessFlags.LOCAL_WRITE
            | AccessFlags.REMOTE_WRITE
            | AccessFlags.REMOTE_READ
            | AccessFlags.REMOTE_ATOMIC
            | AccessFlags.FLUSH_GLOBAL;

    final Context context;
    final MemoryRegion memory;
    final MemoryRegion closed; // to all peers
    final List<QueuePair> victims = new ArrayList<>();
    final List<QueuePair> bystanders = new ArrayList<>();

    private final ProtectionDomain domain;
    private final CompletionQueue queue;
    private final ByteBuffer all = ByteBuffer.allocateDirect(GUARD + REGION + GUARD);
    private final Gid peer;
    private final WorkCompletion completion = new WorkCompletion();
    private long resets;
    private long completions;
    private boolean bystandersHeard;

    FuzzVictims(SoftDevice device, Gid peer, Gid elsewhere) {
        this.peer = peer;
        context = device.open();
        domain = context.allocateProtectionDomain();
        queue = context.createCompletionQueue(4096);
        fill(all);
        memory = domain.registerMemory(all.slice(GUARD, REGION), RIGHTS);
        closed = domain.allocateMemory(REGION, AccessFlags.LOCAL_WRITE);
        fill(closed.buffer());
        for (int i = 0; i < 6; i++) {
            victims.add(pair(i < 3 ? QueuePairType.RC : i < 5 ? QueuePairType.UC : QueuePairType.UD));
            bystanders.add(pair(i % 2 == 0 ? QueuePairType.RC : QueuePairType.UC));
        }
        victims.forEach(victim -> connect(victim, peer));
        bystanders.forEach(bystander -> {
            connect(bystander, elsewhere);
            assertThat(bystander.postReceive(receive())).isNull();
        });
    }

    private static void fill(ByteBuffer buffer) {
        for (int i = 0; i < buffer.capacity(); i++) {
            buffer.put(i, FILL);
        }
    }

    private QueuePair pair(QueuePairType type) {
        return domain.createQueuePair(new QueuePairInitAttributes()
                .type(type)
                .completionQueue(queue)
                .maxSendRequests(8)
                .maxReceiveRequests(16)
                .signalAll(true));
    }

    private static void connect(QueuePair pair, Gid to) {
        QueuePairAttributes init = new QueuePairAttributes()
                .state(QueuePairState.INIT)
                .pkeyIndex(0)
                .port(1);
        QueuePairAttributes receive = new QueuePairAttributes().state(QueuePairState.RTR);
        QueuePairAttributes send =
                new QueuePairAttributes().state(QueuePairState.RTS).sqPsn(PSN);
        if (pair.type() == QueuePairType.UD) {
            pair.modify(init.qkey(QKEY));
        } else {
            pair.modify(init.accessFlags(RIGHTS & ~AccessFlags.LOCAL_WRITE));
            receive.addressVector(AddressVector.to(to))
                    .pathMtu(Mtu.MTU_256)
                    .destinationQueuePair(PEER)
                    .rqPsn(PSN);
        }
        if (pair.type() == QueuePairType.RC) {
            receive.maxDestReadAtomic(4).minRnrTimer(1);
            send.timeout(16).retryCount(7).rnrRetry(7).maxReadAtomic(4);
        }
        pair.modify(receive);
        pair.modify(send);
    }

    private ReceiveRequest receive() {
        return new ReceiveRequest(1, new ScatterGatherElement(memory, REGION / 2, RECEIVE_BYTES));
    }

    private SendRequest request(int length) {
        return new SendRequest()
                .sge(new ScatterGatherElement(memory, 0, length))
                .flags(SendFlags.SIGNALED);
    }

    /** Takes completions, gives receives, and those that failed begin again, with requests under way. */
    void tend(Random random) {
        while (queue.poll(completion)) {
            completions++;
            bystandersHeard |= bystanders.stream().anyMatch(pair -> pair.number() == completion.queuePairNumber());
        }
        for (QueuePair victim : victims) {
            if (victim.state() != QueuePairState.RTS) {
                victim.modify(new QueuePairAttributes().state(QueuePairState.RESET));
                connect(victim, peer);
                resets++;
                if (victim.type() == QueuePairType.RC) {
                    long there = memory.address();
                    var unused = victim.postSend(request(random.nextInt(1000)).read(there, 7));
                    unused = victim.postSend(request(random.nextInt(1000)));
                    unused = victim.postSend(request(8).fetchAndAdd(there, 7, 1));
                }
            }
            var unused = victim.postReceive(receive());
        }
    }

    /** What may not have happened has not happened. */
    void check() {
        for (int i = 0; i < GUARD; i++) {
            if (all.get(i) != FILL || all.get(GUARD + REGION + i) != FILL) {
                throw new AssertionError("memory beside the region was written, " + i + " bytes into a guard");
            }
        }
        for (int i = 0; i < REGION; i++) {
            if (closed.buffer().get(i) != FILL) {
                throw new AssertionError("memory that no peer has a right to was written at " + i);
            }
        }
        assertThat(bystandersHeard).as("a completion of a bystander").isFalse();
        assertThat(bystanders).allMatch(bystander -> bystander.state() == QueuePairState.RTS);
    }

    long resets() {
        return resets;
    }

    long completions() {
        return completions;
    }

    @Override
    public void close() {
        context.close();
    }
}
