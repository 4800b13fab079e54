package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What others say of a capture. */
final class Wireshark {
    /** Payloads are guessed to be of these protocols, of which they are bad examples. */
    private static final String GUESSED = "infiniband.payload";

    private Wireshark() {}

    /** Whether tshark is installed. */
    static boolean isHere() throws InterruptedException {
        try {
            return !run("-v").isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    /** What it finds wrong with a file, be it a remark. */
    static String complaints(Path file) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("-r", file.toString(), "-q", "-z", "expert"));
        command.addAll(List.of("-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"));
        for (String line : run("-G", "heuristic-decodes").split("\n", -1)) {
            String[] columns = line.split("\t", -1);
            if (columns[0].equals(GUESSED)) {
                command.addAll(List.of("--disable-protocol", columns[1]));
            }
        }
        return run(command.toArray(String[]::new)).strip();
    }

    /** A field of each packet that has it. */
    static List<String> field(Path file, String name) throws IOException, InterruptedException {
        return run("-r", file.toString(), "-T", "fields", "-e", name).lines().toList();
    }

    private static String run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("tshark"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s", command).isZero();
        return said;
    }
}
