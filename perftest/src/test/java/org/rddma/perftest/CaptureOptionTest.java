package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --pcap}. */
class CaptureOptionTest {
    private static final int SECTION = 0x0A0D0D0A;
    private static final int PACKET = 6;

    @TempDir
    Path folder;

    /** How many packets a file in pcapng format has. */
    private static int packets(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        assertThat(bytes.getInt(0)).isEqualTo(SECTION);
        int packets = 0;
        while (bytes.hasRemaining()) {
            packets += bytes.getInt(bytes.position()) == PACKET ? 1 : 0;
            bytes.position(bytes.position() + bytes.getInt(bytes.position() + 4));
        }
        return packets;
    }

    @Test
    void eachMessageAndItsAnswerAreInTheFile() throws IOException {
        Path file = folder.resolve("lat.pcapng");
        Cli run = Cli.loopback("write_lat -d soft0 -n 50 -s 8 --pcap " + file);
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(packets(file)).isGreaterThanOrEqualTo(50 * 2 * 2);
    }

    @Test
    void itIsForThisRunAlone() throws IOException {
        Path file = folder.resolve("lat.pcapng");
        Cli run = Cli.loopback("send_lat -d soft0 -n 50 --pcap " + file);
        assertThat(run.status()).as(run.err()).isZero();
        long size = Files.size(file);
        assertThat(Cli.loopback("send_lat -d soft0 -n 50").status()).isZero();
        assertThat(Files.size(file)).isEqualTo(size);
        assertThat(System.getProperty("softdev.pcap")).isNull();
    }

    @Test
    void aFileThatCannotBeWrittenEndsTheRunBeforeItBegins() {
        Path file = folder.resolve("no/such/folder.pcapng");
        Cli run = Cli.loopback("send_lat -d soft0 -n 50 --pcap " + file);
        assertThat(run.status()).isEqualTo(Perftest.FAILED);
        assertThat(run.err()).contains(file.toString()).contains("captured");
    }
}
