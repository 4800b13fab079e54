package org.rddma.softdev.link.roce;

import static org.rddma.softdev.link.roce.PacketFormat.*;

import java.nio.ByteBuffer;
import org.rddma.verbs.Gid;

/** Packets that go nowhere but into a capture: those that a link without packets would have needed. */
public final class CaptureBatch extends TransmitBatch {
    private final PacketCapture capture;
    private final boolean outbound;
    private final ByteBuffer memory = ByteBuffer.allocateDirect(PacketCheck.MOST_BYTES);
    private final Icrc icrc = new Icrc();
    private Gid source;

    /**
     * A batch of one direction.
     *
     * @param capture where the packets go
     * @param outbound whether they are sent by the device that captures
     * @param source GID that they come from
     */
    public CaptureBatch(PacketCapture capture, boolean outbound, Gid source) {
        this.capture = capture;
        this.outbound = outbound;
        this.source = source;
    }

    /**
     * Changes where packets come from.
     *
     * @param to GID of the port
     */
    public void source(Gid to) {
        source = to;
    }

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
        return 0;
    }

    @Override
    protected int next() {
        return 0;
    }

    @Override
    public void end(int bytes, Path path) {
        int padded = bytes + 3 & -Integer.BYTES;
        for (int i = bytes; i < padded; i++) {
            memory.put(i, (byte) 0);
        }
        memory.put(FLAGS, (byte) (memory.get(FLAGS) & ~PAD | padded - bytes << PAD_SHIFT));
        int sum = icrc.of(
                memory,
                0,
                padded,
                source.high(),
                source.low(),
                path.destinationGidHigh(),
                path.destinationGidLow(),
                path.sourcePort());
        memory.putInt(padded, sum);
        capture.write(outbound, memory, 0, padded + ICRC_BYTES, source, path.sourcePort(), path);
    }

    @Override
    public void send() {} // each was written down at its end
}
