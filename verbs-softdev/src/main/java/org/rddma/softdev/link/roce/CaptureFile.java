package org.rddma.softdev.link.roce;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * A file of packets in pcapng format, big-endian: a section for each time that it was opened, an interface for each
 * device, with its name, a block for each packet with its direction and the time in nanoseconds, and at the end of an
 * interface how many packets it wrote and lost.
 *
 * <pre>
 *    every block   type (32) | length (32) | body | options | length (32); all of it multiples of 4 bytes
 *    section       magic (32) | version 1.0 (16, 16) | unknown length (64)
 *    interface     link type: Internet packets (16) | 0 (16) | no limit of length (32)
 *    packet        interface (32) | time (64) | bytes here (32) | bytes on the wire (32) | bytes, padded
 *    statistics    interface (32) | time (64)
 *    option        code (16) | length (16) | value, padded; the last has code 0
 * </pre>
 */
final class CaptureFile {
    static final int SECTION = 0x0A0D0D0A;
    static final int INTERFACE = 1;
    static final int STATISTICS = 5;
    static final int PACKET = 6;
    static final int MAGIC = 0x1A2B3C4D;

    /** Frames begin with an Internet header of either version. */
    static final int LINK_TYPE = 101;

    static final int DIRECTION = 2;
    static final int INBOUND = 1;
    static final int OUTBOUND = 2;
    static final int NAME = 2;
    static final int TIME_RESOLUTION = 9;
    static final int NANOSECONDS = 9;
    static final int RECEIVED = 4;
    static final int LOST = 5;

    private static final int BLOCK_BYTES = 12;
    private static final int OPTION_BYTES = 4;
    private static final int SECTION_BYTES = BLOCK_BYTES + 16;
    private static final int INTERFACE_BYTES = BLOCK_BYTES + 8;
    private static final int PACKET_BYTES = BLOCK_BYTES + 20 + 2 * OPTION_BYTES + Integer.BYTES;
    private static final int STATISTICS_BYTES = BLOCK_BYTES + 12 + 3 * OPTION_BYTES + 2 * Long.BYTES;
    private static final int LONGEST_NAME = 255;
    private static final String OTHERS = "others write to it: name another file";

    /** Those that are being written, by absolute path. Guards all that opens and closes one. */
    private static final Map<java.nio.file.Path, CaptureFile> OPEN = new HashMap<>();

    /** Those that this process has made: they are not made anew. */
    private static final Set<java.nio.file.Path> MADE = new HashSet<>();

    private final java.nio.file.Path path;
    private final CaptureWriter writer;
    private final long epochMinusClock;
    private int interfaces; // guarded by the writer
    private int users; // guarded by the map

    private CaptureFile(java.nio.file.Path path, CaptureWriter writer) {
        this.path = path;
        this.writer = writer;
        epochMinusClock = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - System.nanoTime();
    }

    /** Adds an interface to a file that is opened for it if it is not open. */
    static PacketCapture open(java.nio.file.Path file, String label) {
        java.nio.file.Path path = file.toAbsolutePath().normalize();
        synchronized (OPEN) {
            CaptureFile open = OPEN.get(path);
            return (open == null ? begin(path) : open).add(label);
        }
    }

    private static CaptureFile begin(java.nio.file.Path path) {
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new VerbsException(
                    "open", Errno.EINVAL, "packets cannot be captured to " + path + ", which is no file: name a file");
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!isOurs(channel)) {
                throw new FileSystemException(path.toString(), null, OTHERS);
            }
            channel.truncate(MADE.contains(path) ? Long.MAX_VALUE : 0).position(channel.size());
            CaptureFile made = begin(path, channel);
            if (MADE.isEmpty()) { // at the end of the process, whatever way it ends
                Runtime.getRuntime().addShutdownHook(new Thread(CaptureFile::finishAll, "packet capture end"));
            }
            boolean unused = MADE.add(path);
            return made;
        } catch (IOException e) {
            close(channel, e);
            throw new VerbsException("open", errno(e), "packets cannot be captured to " + path + " (" + e + ")", e);
        }
    }

    /** Begins a section at the end of a file. */
    static CaptureFile begin(java.nio.file.Path path, SeekableByteChannel channel) throws IOException {
        ByteBuffer section = ByteBuffer.allocate(SECTION_BYTES);
        section.putInt(SECTION).putInt(SECTION_BYTES);
        section.putInt(MAGIC).putShort((short) 1).putShort((short) 0).putLong(-1);
        section.putInt(SECTION_BYTES).flip();
        while (section.hasRemaining()) {
            int unused = channel.write(section);
        }
        CaptureFile made = new CaptureFile(path, new CaptureWriter(channel, "packet capture " + path.getFileName()));
        made.writer.start();
        synchronized (OPEN) {
            OPEN.put(path, made);
        }
        return made;
    }

    private static void close(FileChannel channel, IOException cause) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** Whether nobody else writes to it; until it is closed nobody else will. */
    private static boolean isOurs(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) { // it has another name in this process
            return false;
        }
    }

    private static int errno(IOException e) {
        if (e instanceof NoSuchFileException) {
            return Errno.ENOENT;
        }
        if (e instanceof FileSystemException other && OTHERS.equals(other.getReason())) {
            return Errno.EBUSY;
        }
        return e instanceof AccessDeniedException ? Errno.EACCES : Errno.EIO;
    }

    private static void finishAll() {
        List<CaptureFile> left;
        synchronized (OPEN) {
            left = List.copyOf(OPEN.values());
        }
        left.forEach(file -> file.writer.finish());
    }

    /** Adds an interface. */
    PacketCapture add(String label) {
        synchronized (OPEN) {
            users++;
        }
        byte[] name = label.getBytes(StandardCharsets.UTF_8);
        int nameBytes = Math.min(name.length, LONGEST_NAME);
        int length = INTERFACE_BYTES + 3 * OPTION_BYTES + padded(nameBytes) + Integer.BYTES;
        synchronized (writer) {
            int number = interfaces;
            ByteBuffer block = writer.room(length);
            if (block != null) {
                interfaces++;
                block.putInt(INTERFACE).putInt(length);
                block.putShort((short) LINK_TYPE).putShort((short) 0).putInt(0);
                block.putShort((short) NAME).putShort((short) nameBytes).put(name, 0, nameBytes);
                pad(block);
                block.putShort((short) TIME_RESOLUTION).putShort((short) 1).putInt(NANOSECONDS << 24);
                block.putInt(0).putInt(length);
            }
            return new PacketCapture(this, block == null ? PacketCapture.LOST : number);
        }
    }

    /** What is written is written with this held. */
    Object monitor() {
        return writer;
    }

    /** Whether there is room for a datagram, now or after a wait during which others may have written theirs. */
    boolean hasRoom(int bytes) {
        return writer.room(PACKET_BYTES + padded(InternetHeader.MOST_BYTES + bytes)) != null;
    }

    /** Writes a packet that there is room for. */
    void write(int number, ReceivedPacket packet, int bytes, boolean sent) {
        int captured = InternetHeader.bytes(packet) + bytes;
        int length = PACKET_BYTES + padded(captured);
        ByteBuffer block = writer.room(length);
        block.putInt(PACKET).putInt(length).putInt(number).putLong(now());
        block.putInt(captured).putInt(captured);
        InternetHeader.write(packet, bytes, block);
        pad(block);
        block.putShort((short) DIRECTION).putShort((short) Integer.BYTES).putInt(sent ? OUTBOUND : INBOUND);
        block.putInt(0).putInt(length);
    }

    /** Ends an interface. */
    void writeStatistics(int number, long written, long lost) {
        ByteBuffer block = writer.room(STATISTICS_BYTES);
        if (block != null) {
            block.putInt(STATISTICS).putInt(STATISTICS_BYTES).putInt(number).putLong(now());
            block.putShort((short) RECEIVED).putShort((short) Long.BYTES).putLong(written);
            block.putShort((short) LOST).putShort((short) Long.BYTES).putLong(lost);
            block.putInt(0).putInt(STATISTICS_BYTES);
        }
    }

    private long now() {
        return epochMinusClock + System.nanoTime();
    }

    private static int padded(int bytes) {
        return bytes + 3 & -Integer.BYTES;
    }

    /** Blocks begin at multiples of 4 in every buffer. */
    private static void pad(ByteBuffer block) {
        while ((block.position() & 3) != 0) {
            block.put((byte) 0);
        }
    }

    String failure() {
        return writer.failure();
    }

    @Override
    public String toString() {
        return path.toString();
    }

    /** An interface has ended; with the last of them the file ends. */
    void leave() {
        synchronized (OPEN) {
            if (--users == 0) {
                OPEN.remove(path);
                writer.finish();
            }
        }
    }
}
