package org.rddma.driver.provider;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.rddma.verbs.Gid;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.app.Endpoint;

/** A side in a process of its own: connects, posts receives, says where it is, and does nothing more. */
final class RemoteSide implements AutoCloseable {
    private static final int RECEIVES = 100;

    private final Process process;
    final Endpoint endpoint;
    final int key;
    final long address;

    /** Starts it on a driver, connected to a queue pair of this process. */
    RemoteSide(Path driver, QueuePair peer) throws IOException {
        Endpoint own = Endpoint.of(peer);
        process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        RemoteSide.class.getName(),
                        driver.toString(),
                        Long.toHexString(own.gid().high()),
                        Long.toHexString(own.gid().low()),
                        Integer.toString(own.queuePair()),
                        Integer.toString(own.psn())))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = output.readLine();
        if (line == null) {
            throw new IOException("the other process has said nothing");
        }
        String[] words = line.split(" ", -1);
        endpoint = new Endpoint(
                new Gid(Long.parseUnsignedLong(words[0], 16), Long.parseUnsignedLong(words[1], 16)),
                Integer.parseInt(words[2]),
                Integer.parseInt(words[3]));
        key = Integer.parseInt(words[4]);
        address = Long.parseLong(words[5]);
    }

    /** As kill -9 does it. */
    void kill() throws InterruptedException {
        int unused = process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join(); // then its pipes are closed, too
    }

    /** The other process. */
    public static void main(String[] args) throws IOException {
        try (Side side = new Side(RddmaDevice.at("rddma0", args[0]).open())) {
            Gid gid = new Gid(Long.parseUnsignedLong(args[1], 16), Long.parseUnsignedLong(args[2], 16));
            new Endpoint(gid, Integer.parseInt(args[3]), Integer.parseInt(args[4])).connect(side.pair);
            for (int i = 0; i < RECEIVES; i++) {
                side.receive(i, 0, 64);
            }
            Endpoint own = Endpoint.of(side.pair);
            System.out.printf(
                    "%x %x %d %d %d %d%n",
                    own.gid().high(), own.gid().low(), own.queuePair(), own.psn(), side.memory.rkey(), side.address(0));
            int unused = System.in.read(); // until this one ends, or the other
        }
    }
}
