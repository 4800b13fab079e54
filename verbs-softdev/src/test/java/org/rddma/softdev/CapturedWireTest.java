package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.softdev.link.roce.CaptureReader;
import org.rddma.softdev.link.roce.CaptureReader.Frame;
import org.rddma.softdev.link.roce.PacketCounter;
import org.rddma.verbs.conformance.Deadline;

/** Devices on the wire, whose packets are written down by both. */
class CapturedWireTest {
    @TempDir
    Path folder;

    private static SoftDevice device(String address, RoceFaults faults, Path file) {
        RoceOptions options = RoceOptions.of(RoceNames.parse(address)).withFaults(faults);
        return SoftDevice.roce(options.withDevice(options.device().withCapture(file)));
    }

    /** The bytes of packets, by those that one device has sent, or received. */
    private static List<String> bytes(List<Frame> frames, String device, boolean outbound) {
        return frames.stream()
                .filter(frame -> frame.device().equals(device) && frame.outbound() == outbound)
                .map(frame -> frame.packet().psn() + " " + frame.packet().opcode() + " "
                        + frame.internet().hashCode() + " "
                        + frame.packet().memory().hashCode())
                .sorted()
                .collect(Collectors.toList());
    }

    private static long value(SoftDevice device, PacketCounter counter) {
        return device.wire().port().counters().value(counter);
    }

    private static boolean hasAll(SoftDevice receiver, SoftDevice sender) {
        return value(receiver, PacketCounter.RECEIVED_PACKETS) == value(sender, PacketCounter.SENT_PACKETS);
    }

    /** Exchanges messages, and waits until nothing of them is under way any more. */
    private static void exchange(SoftContext a, SoftContext b, int rounds) throws InterruptedException {
        SoftDevice first = a.device();
        SoftDevice second = b.device();
        try (FuzzTraffic traffic = new FuzzTraffic(first, second)) {
            Deadline.await("traffic", Duration.ofSeconds(40), () -> traffic.rounds() >= rounds);
            traffic.check();
        }
        Deadline.await("the last arrives", () -> hasAll(first, second) && hasAll(second, first));
    }

    @Test
    void whatOneHasSentIsWhatTheOtherHasReceivedToTheLastByte() throws IOException, InterruptedException {
        Path file = folder.resolve("both.pcapng");
        SoftDevice first = device("127.0.1.5", null, file);
        SoftDevice second = device("127.0.1.6", null, file);
        try (SoftContext a = first.open();
                SoftContext b = second.open()) {
            exchange(a, b, 20);
        }
        List<Frame> frames = CaptureReader.read(file).packets();
        assertThat(bytes(frames, second.name(), false)).isEqualTo(bytes(frames, first.name(), true));
        assertThat(bytes(frames, first.name(), false)).isEqualTo(bytes(frames, second.name(), true));
        assertThat(frames.size()).isGreaterThan(400);
        if (Wireshark.isHere()) {
            assertThat(Wireshark.complaints(file)).isEmpty();
        }
    }

    @Test
    void whatIsLostOnTheWayWasSentButNotReceived() throws IOException, InterruptedException {
        Path file = folder.resolve("loss.pcapng");
        SoftDevice first = device("127.0.1.7", null, file);
        SoftDevice second = device("127.0.1.8", new RoceFaults(3, 0.02, 0, 0, 1), file);
        long lost;
        try (SoftContext a = first.open();
                SoftContext b = second.open()) {
            exchange(a, b, 20);
            lost = value(second, PacketCounter.DROPPED_INJECTED);
        }
        List<Frame> frames = CaptureReader.read(file).packets();
        int sent = bytes(frames, first.name(), true).size();
        int received = bytes(frames, second.name(), false).size();
        assertThat(lost).isPositive();
        assertThat(sent - received).isEqualTo((int) lost);
    }
}
