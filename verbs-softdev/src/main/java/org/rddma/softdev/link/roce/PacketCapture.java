package org.rddma.softdev.link.roce;

import java.nio.ByteBuffer;
import org.rddma.verbs.Gid;

/**
 * Where the packets of one device are written down: an interface of a {@link CaptureFile}, which the devices of a
 * process may share. Writing one costs a copy, and allocates nothing. Safe for use by several threads.
 *
 * <p>What is written are whole datagrams, from the Internet header on. A socket does not show that header, so it is made
 * here: with the check sum that UDP must have, and with the identification as far as it is known.
 */
public final class PacketCapture implements AutoCloseable {
    /** The number of an interface that could not be written down. */
    static final int LOST = -1;

    private static final int DEFAULT_HOP_LIMIT = 64;

    /** More than any datagram has, with its Internet header. */
    private static final int MOST_BYTES = 65_000;

    private final CaptureFile file;
    private final int number;

    // Guarded by the file's monitor.
    private final ReceivedPacket described = new ReceivedPacket(); // a packet by its path, like one that came
    private long written;
    private long lost;
    private boolean closed;

    PacketCapture(CaptureFile file, int number) {
        this.file = file;
        this.number = number;
    }

    /**
     * Begins to write down packets. The first that names a file in this process makes it anew, also where it was there
     * before; all others that name it write into it too.
     *
     * @param file to write, in pcapng format
     * @param label of the device
     * @return to be closed
     * @throws org.rddma.verbs.VerbsException when the file cannot be written: ENOENT where its folder is not there,
     *     EACCES, EBUSY where others write to it, EINVAL where it is no file, EIO for other reasons
     */
    public static PacketCapture open(java.nio.file.Path file, String label) {
        return CaptureFile.open(file, label);
    }

    /**
     * Writes down a packet that is sent.
     *
     * @param memory big-endian, that it is in
     * @param start of its base transport header
     * @param bytes from there to the end of its check sum
     * @param own GID that it is sent from
     * @param sourcePort of UDP that it is sent from, whatever the path says
     * @param path to its peer
     */
    public void sent(ByteBuffer memory, int start, int bytes, Gid own, int sourcePort, Path path) {
        write(true, memory, start, bytes, own, sourcePort, path);
    }

    /** Writes down a packet to where a path leads, which may be here. */
    void write(boolean outbound, ByteBuffer memory, int start, int bytes, Gid from, int sourcePort, Path to) {
        synchronized (file.monitor()) {
            if (!admits(bytes)) {
                return;
            }
            described.memory = memory;
            described.start = start;
            described.sourceGidHigh = from.high();
            described.sourceGidLow = from.low();
            described.destinationGidHigh = to.destinationGidHigh();
            described.destinationGidLow = to.destinationGidLow();
            described.sourcePort = sourcePort;
            described.trafficClass = to.trafficClass();
            described.hopLimit = to.hopLimit() == 0 ? DEFAULT_HOP_LIMIT : to.hopLimit();
            file.write(number, described, bytes, outbound);
        }
    }

    /**
     * Writes down a packet that has come, which need not be right.
     *
     * @param packet of which the memory, the start and what the Internet header says are known
     * @param bytes of the datagram that are in the memory
     */
    public void received(ReceivedPacket packet, int bytes) {
        synchronized (file.monitor()) {
            if (admits(bytes)) {
                file.write(number, packet, bytes, false);
            }
        }
    }

    /** Counts a packet, and whether there is room for it; others may write theirs before this returns. */
    private boolean admits(int bytes) {
        boolean admitted = !closed && number != LOST && bytes <= MOST_BYTES && file.hasRoom(bytes) && !closed;
        if (admitted) {
            written++;
        } else {
            lost++;
        }
        return admitted;
    }

    /**
     * How many packets were written down.
     *
     * @return since it was opened
     */
    public long written() {
        synchronized (file.monitor()) {
            return written;
        }
    }

    /**
     * How many packets were not written down: the disk was too slow or full, or this is closed.
     *
     * @return since it was opened
     */
    public long lost() {
        synchronized (file.monitor()) {
            return lost;
        }
    }

    /**
     * Why the file ended early.
     *
     * @return what the system said; null when it did not
     */
    public String failure() {
        return file.failure();
    }

    /** Ends, and with the last user of a file closes that: waits for the disk then, but not for long. */
    @Override
    public void close() {
        synchronized (file.monitor()) {
            if (closed) {
                return;
            }
            closed = true;
            if (number != LOST) {
                file.writeStatistics(number, written, lost);
            }
            if (lost > 0) {
                String reason = file.failure() == null ? "the disk was too slow" : file.failure();
                System.getLogger(PacketCapture.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                lost + " packets were not captured to " + file + ": " + reason);
            }
        }
        file.leave();
    }
}
