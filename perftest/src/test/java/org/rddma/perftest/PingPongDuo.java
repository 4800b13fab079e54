package org.rddma.perftest;

import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.rddma.verbs.conformance.Deadline;

/**
 * Both ends of a ping-pong, in two threads of this process.
 *
 * @param server how the one without a host ended
 * @param client how the other ended
 */
record PingPongDuo(Cli server, Cli client) {
    /** The first end of a virtual machine on a busy processor takes its time. */
    static final Duration PATIENCE = Duration.ofSeconds(50);

    /** A TCP port on which nobody listens. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Options in one line, of both. */
    static PingPongDuo run(String line) throws Throwable {
        return run(line, line);
    }

    static PingPongDuo run(String serverLine, String clientLine) throws Throwable {
        int port = freePort();
        AtomicReference<Cli> server = new AtomicReference<>();
        Deadline.Running running = Deadline.start("server", () -> server.set(Cli.run(arguments(serverLine, port))));
        Cli client = client(clientLine, port);
        running.join(PATIENCE);
        return new PingPongDuo(server.get(), client);
    }

    /** Runs a client, as soon as the server listens. */
    static Cli client(String line, int port) {
        AtomicReference<Cli> client = new AtomicReference<>();
        Deadline.await("the server listens", PATIENCE, () -> {
            client.set(Cli.run(arguments(line + " 127.0.0.1", port)));
            return !client.get().err().contains("start the server first");
        });
        return client.get();
    }

    static String[] arguments(String line, int port) {
        List<String> arguments = new ArrayList<>(List.of(line.split(" ", -1)));
        arguments.addAll(1, List.of("-p", Integer.toString(port)));
        if (!line.contains("-d ")) {
            arguments.addAll(1, List.of("-d", "soft0"));
        }
        return arguments.toArray(new String[0]);
    }
}
