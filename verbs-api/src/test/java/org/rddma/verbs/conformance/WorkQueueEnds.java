package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.rddma.verbs.Context;
import org.rddma.verbs.app.WorkQueue;
import org.rddma.verbs.app.WorkQueueOptions;

/** Two connected work queues, and messages with content that follows from their number. */
record WorkQueueEnds(WorkQueue a, WorkQueue b) {
    /** Two queues with a channel each, connected to each other. */
    static WorkQueueEnds in(Context context, WorkQueueOptions options) {
        WorkQueueEnds ends = new WorkQueueEnds(WorkQueue.on(context, options), WorkQueue.on(context, options));
        ends.connect();
        return ends;
    }

    void connect() {
        a.connect(b.endpoint());
        b.connect(a.endpoint());
    }

    /** A message of that many bytes; its number and its length are in all of them. */
    static ByteBuffer message(long number, int length) {
        byte[] bytes = new byte[length];
        new Random(number * 31 + length).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    /** The bytes that are left in a buffer, which does not change. */
    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    static void assertIs(ByteBuffer received, long number, int length) {
        assertThat(received).as("message %d of %d bytes", number, length).isNotNull();
        assertThat(bytes(received))
                .as("message %d of %d bytes", number, length)
                .isEqualTo(message(number, length).array());
    }

    /** Waits for the next message, which must come. */
    static ByteBuffer next(WorkQueue queue) {
        ByteBuffer message = queue.receiveSync(Deadline.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        assertThat(message).as("a message for %s", queue).isNotNull();
        return message;
    }

    /** Waits until all requests of a queue are completed. */
    static void awaitAll(WorkQueue queue) {
        assertThat(queue.awaitCompleted(queue.posted(), Deadline.PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                .as("all requests of %s are completed", queue)
                .isTrue();
    }

    /**
     * Sends messages of 8 bytes from a to b, numbered from 0 on, until there is no room and none comes: b's slots are full,
     * and a's with what b has no room for.
     *
     * @return how many: twice the depth
     */
    int fill(int depth) {
        for (int i = 0; i < 2 * depth; i++) {
            assertThat(a.sendSync(
                            ByteBuffer.allocate(8).putLong(0, i), Deadline.PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                    .as("room for message %d", i)
                    .isTrue();
        }
        return 2 * depth;
    }
}
