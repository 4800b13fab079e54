package org.rddma.driver.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;

/** One end of a connection with all that it needs. */
final class Side implements AutoCloseable {
    static final int ALL_RIGHTS = AccessFlags.LOCAL_WRITE | AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ;
    static final int BYTES = 1 << 16;

    final RddmaContext context;
    final RddmaProtectionDomain domain;
    final RddmaCompletionQueue sends;
    final RddmaCompletionQueue receives;
    final RddmaMemoryRegion memory;
    final RddmaQueuePair pair;

    /** Closes the context with the side. */
    Side(RddmaContext context) {
        this.context = context;
        domain = context.allocateProtectionDomain();
        sends = context.createCompletionQueue(1024);
        receives = context.createCompletionQueue(1024);
        memory = domain.allocateMemory(BYTES, ALL_RIGHTS);
        pair = domain.createQueuePair(new QueuePairInitAttributes()
                .sendCompletionQueue(sends)
                .receiveCompletionQueue(receives)
                .maxSendRequests(256)
                .maxReceiveRequests(256)
                .maxSendElements(4)
                .maxReceiveElements(4));
    }

    SendRequest request(long wrId, int offset, int length) {
        return new SendRequest()
                .wrId(wrId)
                .sge(new ScatterGatherElement(memory, offset, length))
                .flags(SendFlags.SIGNALED);
    }

    void post(SendRequest request) {
        assertThat(pair.postSend(request)).isNull();
    }

    void receive(long wrId, int offset, int length) {
        assertThat(pair.postReceive(new ReceiveRequest(wrId, new ScatterGatherElement(memory, offset, length))))
                .isNull();
    }

    long address(int offset) {
        return memory.address() + offset;
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

    @Override
    public void close() {
        context.close();
    }
}
