package org.rddma.perftest;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ThreadLocalRandom;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.WorkCompletion;

/**
 * One queue pair of an end, with its requests, its part of the memory and its counts. For the thread of that end.
 */
final class Lane {
    /*
     * A work request id:  63      48   47     46          0
     *                     | lane    | recv | count of sends |
     *
     * A failed completion does not say what it was: the id does.
     */
    private static final int INDEX_SHIFT = 48;
    private static final long RECEIVE = 1L << 47;
    private static final long COUNT = RECEIVE - 1;

    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    final QueuePair queuePair;
    /**
     * The first packet sequence number that it sends: never that of an earlier run, whose packets may still be
     * under way.
     */
    final int psn = ThreadLocalRandom.current().nextInt(1 << 24);

    final QueueSet sendQueues;
    final QueueSet receiveQueues;
    final SendChain sends;
    final ReceiveChain receives;

    /** Sends known to be complete. */
    long completed;

    long received;
    /** Of {@link #received}, those that a latency test has dealt with. */
    private long taken;

    private final Completions completions;
    private final ByteBuffer sendMemory;
    private final ByteBuffer receiveMemory;
    private final long receiveBase;
    private final int sendOffset;
    private final int receiveOffset;

    private int lastByte;
    private int lastWord;
    private int lastShift;
    private byte expected;

    /** @param shared the receives that it shares with an earlier lane; null to have its own */
    Lane(
            Side side,
            int index,
            QueuePair queuePair,
            QueueSet sendQueues,
            QueueSet receiveQueues,
            Completions completions,
            ReceiveChain shared) {
        this.queuePair = queuePair;
        this.sendQueues = sendQueues;
        this.receiveQueues = receiveQueues;
        this.completions = completions;
        sendMemory = side.sendRegion.buffer();
        receiveMemory = side.receiveRegion.buffer();
        receiveBase = side.receiveRegion.address();
        sendOffset = index * side.slot;
        receiveOffset = index * side.slot;
        long id = (long) index << INDEX_SHIFT;
        sends = new SendChain(side, queuePair, id, sendOffset);
        receives = shared != null ? shared : new ReceiveChain(side, queuePair, id | RECEIVE, receiveOffset);
    }

    LaneAddress address() {
        return new LaneAddress(queuePair.number(), psn, receiveBase + receiveOffset);
    }

    static int indexOf(long id) {
        return (int) (id >>> INDEX_SHIFT);
    }

    static boolean isReceive(long id) {
        return (id & RECEIVE) != 0;
    }

    static long countOf(long id) {
        return id & COUNT;
    }

    /** Waits until the last send that asked for a completion has it. */
    boolean awaitSent() {
        while (completed < sends.lastSignalled()) {
            if (!completions.awaitOwn(sendQueues)) {
                return false;
            }
        }
        return true;
    }

    /** Waits for one message. */
    boolean awaitReceived() {
        while (taken == received) {
            if (!completions.awaitPeer(receiveQueues)) {
                return false;
            }
        }
        taken++;
        return true;
    }

    /** Before a latency test of this message size that polls memory, while the peer is quiet. */
    void prepareMemoryPolling(int size) {
        lastByte = size - 1;
        int position = receiveOffset + lastByte;
        lastWord = position & -Integer.BYTES;
        int byteOfWord = position - lastWord;
        lastShift = 8 * (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? byteOfWord : 3 - byteOfWord);
        receiveMemory.put(position, expected); // what was left here by other sizes must not look like a message
    }

    /** Posts a message whose last byte is the next number. */
    void postNumbered() {
        sendMemory.put(sendOffset + lastByte, (byte) (sends.posted() + 1));
        sends.post();
    }

    /** Waits until the last byte of the memory that the peer writes is the next number. */
    boolean awaitNumber() {
        byte next = (byte) (expected + 1);
        int looks = 0;
        while ((byte) ((int) INT.getAcquire(receiveMemory, lastWord) >>> lastShift) != next) {
            if (completions.isPeerDone()) {
                return false;
            }
            completions.pause(looks++);
        }
        expected = next;
        return true;
    }

    RunFailedException failed(WorkCompletion completion) {
        String what = isReceive(completion.wrId()) ? "receive" : sends.opcode().text();
        return new RunFailedException("a work request failed: " + completion.status() + " ("
                + completion.status().text() + "), opcode " + what + ", queue pair 0x"
                + Integer.toHexString(completion.queuePairNumber()) + ", vendor error " + completion.vendorError());
    }
}
