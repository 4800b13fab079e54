package org.rddma.softdev.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.softdev.engine.RequestBench.*;
import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rddma.softdev.link.roce.HandMadePacket;
import org.rddma.softdev.link.roce.Opcodes;
import org.rddma.softdev.link.roce.Path;
import org.rddma.softdev.link.roce.ReceivedPacket;
import org.rddma.softdev.link.roce.TransmitBatch;
import org.rddma.verbs.conformance.AllocatedBytes;

/** The way of a packet through the responder makes no objects. */
final class ResponderAllocationTest {
    private static final int WARM_UP = 20_000;
    private static final int MEASURED = 20_000;

    private final RequestBench bench = new RequestBench();
    private final TransmitBatch nowhere = new Nowhere();

    @AfterEach
    void close() {
        bench.close();
    }

    /** Where answers go that nobody reads. */
    private static final class Nowhere extends TransmitBatch {
        private final ByteBuffer memory = ByteBuffer.allocateDirect(4096 + 256).order(ByteOrder.BIG_ENDIAN);
        private int written;

        @Override
        public ByteBuffer memory() {
            return memory;
        }

        @Override
        public boolean isFull() {
            return false;
        }

        @Override
        public int packets() {
            return written;
        }

        @Override
        protected int next() {
            return 0;
        }

        @Override
        public void end(int bytes, Path path) {
            written++;
        }

        @Override
        public void send() {}
    }

    /** Carries out a packet many times, each with the next number. */
    private long bytesOf(IntFunction<WirePacket> maker) {
        WirePacket made = ack(maker.apply(0));
        int length = made.bytes().length;
        ByteBuffer memory =
                ByteBuffer.allocateDirect(length).order(ByteOrder.BIG_ENDIAN).put(0, made.bytes());
        ReceivedPacket packet = HandMadePacket.of(memory, 0, length, THERE, HERE);
        long before = 0;
        boolean unfinished = false;
        for (int i = 0; i < WARM_UP + MEASURED; i++) {
            if (i == WARM_UP) {
                before = AllocatedBytes.ofThisThread();
            }
            memory.putInt(PSN, ACK_REQUEST | bench.shape.psn + i & MASK_24);
            bench.end.engine.receive(packet, nowhere);
            boolean more = bench.end.engine.endRound(nowhere);
            unfinished |= more;
        }
        long bytes = AllocatedBytes.ofThisThread() - before;
        assertThat(unfinished).isFalse();
        assertThat(nowhere.packets()).as("each was answered").isEqualTo(WARM_UP + MEASURED);
        return bytes;
    }

    @Test
    void writesMakeNoObjects() {
        assertThat(bytesOf(number -> bench.remote(
                        Opcodes.WRITE_ONLY, number, bench.end.address(0), bench.end.key(), MTU, new byte[MTU])))
                .isLessThan(MEASURED);
    }

    @Test
    void readsMakeNoObjects() {
        assertThat(bytesOf(number -> bench.read(number, 0, MTU))).isLessThan(MEASURED);
    }

    @Test
    void atomicsMakeNoObjects() {
        assertThat(bytesOf(number -> bench.atomic(Opcodes.FETCH_ADD, number, 0, 1, 0)))
                .isLessThan(MEASURED);
    }
}
