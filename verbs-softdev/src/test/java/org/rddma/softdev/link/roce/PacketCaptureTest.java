package org.rddma.softdev.link.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rddma.softdev.link.roce.CaptureReader.Frame;
import org.rddma.softdev.link.roce.PublishedPackets.Published;
import org.rddma.verbs.Errno;
import org.rddma.verbs.Gid;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.conformance.AllocatedBytes;
import org.rddma.verbs.conformance.Deadline;

/** A file of packets. */
class PacketCaptureTest {
    private static final Gid FIRST = new Gid(0, 0xFFFF_7F00_0101L);
    private static final Gid SECOND = new Gid(0, 0xFFFF_7F00_0102L);
    private static final Path TO_SECOND = new Path(0, SECOND.low(), 0, 0, 0xC123);

    @TempDir
    java.nio.file.Path folder;

    static Iterable<Published> published() {
        return PublishedPackets.all();
    }

    private static ReceivedPacket anyPacket() {
        return PublishedPackets.all().get(2).received();
    }

    private static void receive(PacketCapture capture, ReceivedPacket packet) {
        capture.received(packet, packet.length + PacketFormat.ICRC_BYTES);
    }

    @ParameterizedTest
    @MethodSource("published")
    void aPacketThatCameIsWrittenAsItWasOnTheWire(Published published) throws IOException {
        java.nio.file.Path file = folder.resolve("a.pcapng");
        long before = System.currentTimeMillis();
        try (PacketCapture capture = PacketCapture.open(file, "roce:any")) {
            ReceivedPacket packet = published.received();
            packet.identification = new Icrc().identification(packet);
            receive(capture, packet);
            assertThat(capture.written()).isEqualTo(1);
        }
        CaptureReader read = CaptureReader.read(file);
        Frame frame = read.packets().get(0);
        byte[] internet = new byte[frame.internet().limit()];
        frame.internet().get(0, internet);
        internet[internet.length - 2] = 0; // sums of UDP are left out in what is published
        internet[internet.length - 1] = 0;
        assertThat(HexFormat.of().formatHex(internet)).isEqualTo(published.internet());
        byte[] rest = new byte[frame.packet().length + 4];
        frame.packet().memory.get(frame.packet().start, rest);
        assertThat(HexFormat.of().formatHex(rest)).isEqualTo(published.transport() + published.sum());
        assertThat(frame.outbound()).isFalse();
        assertThat(frame.nanos() / 1_000_000).isBetween(before - 1, System.currentTimeMillis() + 1);
    }

    @Test
    void aPacketThatIsSentNamesItsSenderAndTheWayThatItTook() throws IOException {
        java.nio.file.Path file = folder.resolve("a.pcapng");
        try (PacketCapture capture = PacketCapture.open(file, "one")) {
            ReceivedPacket packet = anyPacket();
            Path way = new Path(0, SECOND.low(), 0x2A, 7, 0xC123);
            capture.sent(packet.memory, packet.start, packet.length + 4, FIRST, 0xD234, way);
        }
        Frame frame = CaptureReader.read(file).frames().get(0);
        assertThat(frame.outbound()).isTrue();
        assertThat(frame.packet().sourceGidLow()).isEqualTo(FIRST.low());
        assertThat(frame.packet().destinationGidLow()).isEqualTo(SECOND.low());
        assertThat(frame.packet().sourcePort).isEqualTo(0xD234);
        assertThat(frame.packet().trafficClass()).isEqualTo(0x2A);
        assertThat(frame.packet().hopLimit()).isEqualTo(7);
    }

    @Test
    void whatIsNoPacketIsWrittenToo() throws IOException {
        java.nio.file.Path file = folder.resolve("a.pcapng");
        try (PacketCapture capture = PacketCapture.open(file, "one")) {
            ReceivedPacket packet = anyPacket();
            for (int bytes = 0; bytes < 24; bytes++) {
                capture.received(packet, bytes);
            }
        }
        assertThat(CaptureReader.read(file).frames()).hasSize(24);
    }

    @Test
    void devicesShareAFile() throws IOException {
        java.nio.file.Path file = folder.resolve("a.pcapng");
        PacketCapture one = PacketCapture.open(file, "one");
        PacketCapture two = PacketCapture.open(folder.resolve("./a.pcapng"), "two");
        receive(one, anyPacket());
        one.close();
        receive(two, anyPacket());
        receive(two, anyPacket());
        two.close();
        CaptureReader read = CaptureReader.read(file);
        assertThat(read.sections()).isEqualTo(1);
        assertThat(read.interfaces()).containsExactly("one", "two");
        assertThat(read.packets()).extracting(Frame::device).containsExactly("one", "two", "two");
        assertThat(read.statistics().get(0)).containsExactly(1, 0);
        assertThat(read.statistics().get(1)).containsExactly(2, 0);
    }

    @Test
    void aFileThatIsOpenedAgainGoesOn() throws IOException {
        java.nio.file.Path file = folder.resolve("a.pcapng");
        Files.write(file, new byte[1000]); // of another process, long ago
        for (int i = 0; i < 3; i++) {
            try (PacketCapture capture = PacketCapture.open(file, "number " + i)) {
                receive(capture, anyPacket());
            }
        }
        CaptureReader read = CaptureReader.read(file);
        assertThat(read.sections()).isEqualTo(3);
        assertThat(read.packets()).extracting(Frame::device).containsExactly("number 0", "number 1", "number 2");
    }

    @Test
    void whatIsWrittenCanBeReadSoonAfterwards() throws IOException {
        java.nio.file.Path file = folder.resolve("a.pcapng");
        try (PacketCapture capture = PacketCapture.open(file, "one")) {
            long empty = Files.size(file);
            receive(capture, anyPacket());
            Deadline.await(
                    "the packet is in the file", () -> size(file) > empty + 90); // more than the device's own block
            assertThat(CaptureReader.read(file).packets()).hasSize(1);
        }
    }

    private static long size(java.nio.file.Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aFileThatCannotBeWrittenIsRefusedAtOnce() throws IOException {
        assertThatThrownBy(() -> PacketCapture.open(folder.resolve("no/such/folder.pcapng"), "one"))
                .isInstanceOfSatisfying(
                        VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
                .hasMessageContaining("folder.pcapng");
        for (java.nio.file.Path noFile : List.of(folder, java.nio.file.Path.of("/dev/full"))) {
            assertThatThrownBy(() -> PacketCapture.open(noFile, "one"))
                    .isInstanceOfSatisfying(
                            VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                    .hasMessageContaining("name a file");
        }
        java.nio.file.Path file = folder.resolve("a.pcapng");
        PacketCapture.open(file, "one").close(); // nothing is left of the others
        assertThat(CaptureReader.read(file).interfaces()).containsExactly("one");
    }

    @Test
    void aFileThatOthersWriteToIsLeftAlone() throws IOException {
        java.nio.file.Path file = folder.resolve("a.pcapng");
        Files.write(file, new byte[100]);
        try (FileChannel other = FileChannel.open(file, StandardOpenOption.WRITE)) {
            assertThat(other.lock()).isNotNull();
            assertThatThrownBy(() -> PacketCapture.open(file, "one"))
                    .isInstanceOfSatisfying(
                            VerbsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY))
                    .hasMessageContaining("name another file");
        }
        assertThat(Files.size(file)).isEqualTo(100);
    }

    @Test
    void afterItsEndPacketsAreCountedAsLost() throws IOException {
        java.nio.file.Path file = folder.resolve("a.pcapng");
        PacketCapture capture = PacketCapture.open(file, "one");
        receive(capture, anyPacket());
        capture.close();
        capture.close();
        receive(capture, anyPacket());
        assertThat(capture.written()).isEqualTo(1);
        assertThat(capture.lost()).isEqualTo(1);
        assertThat(capture.failure()).isNull();
        assertThat(CaptureReader.read(file).packets()).hasSize(1);
    }

    @Test
    void packetsOfSeveralThreadsAreAllThereAndWhole() throws Exception {
        int each = 6_000;
        int step = 1_000; // of all three, they fit the buffers: a slow disk costs nobody a packet
        java.nio.file.Path file = folder.resolve("a.pcapng");
        PacketCapture capture = PacketCapture.open(file, "one");
        Semaphore room = new Semaphore(3 * step);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            CaptureBatch batch = new CaptureBatch(capture, true, FIRST);
            int number = i;
            threads.add(new Thread(() -> {
                for (int psn = 0; psn < each; psn++) {
                    room.acquireUninterruptibly();
                    int start = batch.begin(Opcodes.SEND_ONLY, false, number, psn, false);
                    batch.end(start + PacketFormat.BTH_BYTES + psn % 300, TO_SECOND);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (int steps = 1; steps < each / step; steps++) {
            Deadline.await("all of a step begin", () -> room.availablePermits() == 0);
            long packets = IntStream.range(0, step * steps)
                    .map(psn -> PacketFormat.BTH_BYTES + psn % 300)
                    .sum();
            Deadline.await("the disk keeps up", () -> size(file) >= 3 * packets);
            room.release(3 * step);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        capture.close();
        assertThat(capture.lost()).isZero();
        int[] next = new int[threads.size()];
        long time = 0;
        for (Frame frame : CaptureReader.read(file).packets()) {
            assertThat(frame.packet().psn()).isEqualTo(next[frame.packet().destinationQueuePair()]++);
            assertThat(frame.nanos()).isGreaterThanOrEqualTo(time);
            time = frame.nanos();
        }
        assertThat(next).containsOnly(each);
    }

    @Test
    void writingDownAllocatesNothing() {
        try (PacketCapture capture = PacketCapture.open(folder.resolve("a.pcapng"), "one")) {
            CaptureBatch batch = new CaptureBatch(capture, true, FIRST);
            ReceivedPacket packet = anyPacket();
            long allocated = 0;
            for (int i = 0; i < 20_000; i++) {
                if (i == 10_000) {
                    allocated = AllocatedBytes.ofThisThread();
                }
                int start = batch.begin(Opcodes.SEND_ONLY, false, 1, i, false);
                batch.end(start + PacketFormat.BTH_BYTES + 64, TO_SECOND);
                receive(capture, packet);
            }
            assertThat(AllocatedBytes.ofThisThread() - allocated).isLessThan(10_000);
        }
    }

    /** A file on a disk that can be full, and that can hang. */
    private static final class BadDisk implements SeekableByteChannel {
        private final FileChannel file;
        private final long room;
        private final CountDownLatch hangs;

        BadDisk(java.nio.file.Path path, long room, CountDownLatch hangs) throws IOException {
            file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            this.room = room;
            this.hangs = hangs;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            try {
                if (file.position() > 0) {
                    hangs.await();
                }
            } catch (InterruptedException e) {
                throw new IOException("interrupted", e);
            }
            long left = room - file.position();
            if (left <= 0) {
                throw new IOException("No space left on device");
            }
            int end = source.limit();
            try {
                return file.write(source.limit((int) Math.min(end, source.position() + left)));
            } finally {
                ByteBuffer unused = source.limit(end);
            }
        }

        @Override
        public long position() throws IOException {
            return file.position();
        }

        @Override
        public SeekableByteChannel truncate(long size) throws IOException {
            return file.truncate(size);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }

        @Override
        public boolean isOpen() {
            return file.isOpen();
        }

        @Override
        public int read(ByteBuffer target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public SeekableByteChannel position(long to) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }
    }

    private PacketCapture on(java.nio.file.Path file, long room, CountDownLatch hangs) throws IOException {
        return CaptureFile.begin(file, new BadDisk(file, room, hangs)).add("one");
    }

    @Test
    void aFullDiskEndsTheCaptureAfterAWholeBlockAndTrafficGoesOn() throws IOException {
        java.nio.file.Path file = folder.resolve("a.pcapng");
        PacketCapture capture = on(file, 1_000_000, new CountDownLatch(0));
        ReceivedPacket packet = anyPacket();
        Deadline.await("the disk is full", () -> {
            for (int i = 0; i < 1_000; i++) {
                receive(capture, packet);
            }
            return capture.failure() != null;
        });
        assertThat(capture.failure()).contains("No space left");
        long lost = capture.lost();
        receive(capture, packet);
        assertThat(capture.lost()).isEqualTo(lost + 1);
        capture.close();
        assertThat(Files.size(file)).isBetween(500_000L, 1_000_000L);
        assertThat(CaptureReader.read(file).packets()).isNotEmpty();
    }

    @Test
    void aDiskThatHangsCostsAShortWaitAndThenPackets() throws Exception {
        java.nio.file.Path file = folder.resolve("a.pcapng");
        CountDownLatch hangs = new CountDownLatch(1);
        PacketCapture capture = on(file, Long.MAX_VALUE, hangs);
        ReceivedPacket packet = anyPacket();
        long began = System.nanoTime();
        while (capture.lost() < 100_000 && System.nanoTime() - began < 60_000_000_000L) {
            receive(capture, packet);
        }
        assertThat(capture.lost()).as("it waits once").isEqualTo(100_000);
        long written = capture.written();
        hangs.countDown();
        Deadline.await("it goes on when the disk does", () -> {
            receive(capture, packet);
            return capture.written() > written;
        });
        capture.close();
        CaptureReader read = CaptureReader.read(file);
        assertThat(read.packets()).hasSize((int) capture.written());
        assertThat(read.statistics().get(0)).containsExactly(capture.written(), capture.lost());
    }

    @Test
    void whoIsInterruptedWhileItWaitsForTheDiskLosesThePacketAndStaysInterrupted() throws Exception {
        CountDownLatch hangs = new CountDownLatch(1);
        PacketCapture capture = on(folder.resolve("a.pcapng"), Long.MAX_VALUE, hangs);
        ReceivedPacket packet = anyPacket();
        Thread.currentThread().interrupt();
        while (capture.lost() == 0) {
            receive(capture, packet);
        }
        assertThat(Thread.interrupted()).isTrue();
        hangs.countDown();
        capture.close();
        assertThat(capture.failure()).isNull();
    }
}
