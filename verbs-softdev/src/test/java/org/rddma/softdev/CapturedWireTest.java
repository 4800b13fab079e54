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

    private static void exchange(SoftDevice first, SoftDevice second, int rounds) throws InterruptedException {
        try (FuzzTraffic traffic = new FuzzTraffic(first, second)) {
            Deadline.await("traffic", Duration.ofSeconds(40), () -> traffic.rounds() >= rounds);
            traffic.check();
        }
    }

    @Test
    void whatOneHasSentIsWhatTheOtherHasReceivedToTheLastByte() throws IOException, InterruptedException {
        Path file = folder.resolve("both.pcapng");
        SoftDevice first = device("127.0.1.5", null, file);
        SoftDevice second = device("127.0.1.6", null, file);
        exchange(first, second, 20);
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
        try (SoftContext stays = second.open()) {
            exchange(first, second, 20);
            lost = second.wire().port().counters().value(PacketCounter.DROPPED_INJECTED);
            assertThat(stays.device()).isSameAs(second);
        }
        List<Frame> frames = CaptureReader.read(file).packets();
        int sent = bytes(frames, first.name(), true).size();
        int received = bytes(frames, second.name(), false).size();
        assertThat(lost).isPositive();
        assertThat(sent - received).isEqualTo((int) lost);
    }
}
