package org.rddma.perftest;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.rddma.verbs.Mtu;

/**
 * What .ci/rxe runs beside the kernel's own verbs device: libibverbs' ping-pongs against ours, both ways round, and a program of
 * libibverbs that reads, writes and counts. Prints a line for each; exits with 1 when one of them fails.
 */
final class KernelPeers {
    private static final String KERNEL_ADDRESS = "10.9.0.1";
    private static final String OWN_ADDRESS = "10.9.0.2";
    private static final String OWN_DEVICE = "roce:" + OWN_ADDRESS;
    private static final List<String> IN_KERNELS_NETWORK = List.of("nsenter", "--net=/proc/1/ns/net", "stdbuf", "-oL");
    private static final int SECONDS = 60;
    private static final int[] SIZES = {1, 64, 1024, 4096, 65536};
    private static final int[] MTUS = {1024, 4096};

    private int port = 18600;
    private int failed;
    private int done;

    private KernelPeers() {}

    /**
     * Runs all.
     *
     * @param arguments none, or words that a line's title must contain
     */
    public static void main(String... arguments) throws Exception {
        KernelPeers all = new KernelPeers();
        for (String tool : List.of("rc", "uc", "ud")) {
            for (int mtu : tool.equals("ud") ? new int[] {4096} : MTUS) {
                for (int size : SIZES) {
                    if (!tool.equals("ud") || size <= mtu) {
                        for (String events : List.of("", " -e")) {
                            all.pingPong(tool, size, mtu, events, arguments);
                        }
                    }
                }
            }
        }
        for (int size : new int[] {64, 4096}) { // sixteen queue pairs at once: more is too much for an emulated machine
            for (String events : List.of("", " -e")) {
                all.pingPong("srq", size, 1024, events, arguments);
            }
        }
        for (int mtu : MTUS) {
            all.operations(mtu, true, arguments);
            all.operations(mtu, false, arguments);
        }
        System.out.println(all.done + " done, " + all.failed + " failed");
        System.exit(all.failed == 0 && all.done > 0 ? 0 : 1);
    }

    private void pingPong(String tool, int size, int mtu, String events, String[] wanted) {
        int iterations = size > 10_000 ? 50 : 100;
        String options = " -c -s " + size + " -n " + iterations + events + (tool.equals("ud") ? "" : " -m " + mtu);
        attempt(tool + "_pingpong" + options + ", ours is the client", wanted, () -> {
            String common = options + " -p " + ++port;
            try (Kernels kernels = new Kernels("ibv_" + tool + "_pingpong -d rxe0 -g 1" + common)) {
                kernels.awaitLine("local address");
                Cli ours = Cli.run(
                        (tool + "_pingpong -d " + OWN_DEVICE + " -g 0" + common + " " + KERNEL_ADDRESS).split(" "));
                compare(ours, kernels, iterations);
            }
        });
        attempt(tool + "_pingpong" + options + ", ours is the server", wanted, () -> {
            String common = options + " -p " + ++port;
            CompletableFuture<Cli> ours = CompletableFuture.supplyAsync(
                    () -> Cli.run((tool + "_pingpong -d " + OWN_DEVICE + " -g 0" + common).split(" ")));
            Kernels kernels = Kernels.client("ibv_" + tool + "_pingpong -d rxe0 -g 1" + common + " " + OWN_ADDRESS);
            try (kernels) {
                compare(ours.get(SECONDS, TimeUnit.SECONDS), kernels, iterations);
            }
        });
    }

    private static void compare(Cli ours, Kernels kernels, int iterations) throws Exception {
        String both = "ours:\n" + ours.out() + ours.err() + "the kernel's:\n" + kernels.output();
        check(ours.status() == 0, "exit status " + ours.status() + "\n" + both);
        check(kernels.status() == 0, "the kernel's exit status " + kernels.status() + "\n" + both);
        both = "ours:\n" + ours.out() + ours.err() + "the kernel's:\n" + kernels.output();
        check(!both.contains("invalid data"), both);
        check(ours.out().contains(iterations + " iters in "), both);
        check(kernels.output().contains(iterations + " iters in "), both);
    }

    private void operations(int mtu, boolean oursFirst, String[] wanted) {
        Mtu ownMtu = mtu == 1024 ? Mtu.MTU_1024 : Mtu.MTU_4096;
        String title = "read, write, write with immediate, atomics, MTU " + mtu;
        String program = "/usr/bin/python3 .ci/rxe_peer.py rxe0 1 " + mtu + " " + ++port;
        if (oursFirst) {
            attempt(title + ", ours begins", wanted, () -> {
                try (Kernels kernels = new Kernels(program)) {
                    try (Socket socket = connect();
                            KernelPeer ours = new KernelPeer(OWN_DEVICE, ownMtu, socket)) {
                        ours.initiate();
                        ours.serve();
                    } catch (IOException | RuntimeException | AssertionError e) {
                        throw new IllegalStateException(kernels.output(), e);
                    }
                    check(kernels.status() == 0, kernels.output());
                }
            });
        } else {
            attempt(title + ", the kernel's begins", wanted, () -> {
                try (ServerSocket server = new ServerSocket(port);
                        Kernels kernels = new Kernels(program + " " + OWN_ADDRESS)) {
                    server.setSoTimeout((int) TimeUnit.SECONDS.toMillis(SECONDS));
                    try (Socket socket = server.accept();
                            KernelPeer ours = new KernelPeer(OWN_DEVICE, ownMtu, socket)) {
                        ours.serve();
                        ours.initiate();
                    } catch (IOException | RuntimeException | AssertionError e) {
                        throw new IllegalStateException(kernels.output(), e);
                    }
                    check(kernels.status() == 0, kernels.output());
                }
            });
        }
    }

    private Socket connect() throws IOException {
        long start = System.nanoTime();
        while (true) {
            Socket socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(KERNEL_ADDRESS, port), 1_000);
                socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(SECONDS));
                return socket;
            } catch (IOException e) { // the program is still starting
                socket.close();
                if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(SECONDS)) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    @SuppressWarnings("CatchAndPrintStackTrace") // of a program that goes on with the next
    private void attempt(String title, String[] wanted, Step step) {
        for (String word : wanted) {
            if (!title.contains(word)) {
                return;
            }
        }
        done++;
        try {
            step.run();
            System.out.println("ok      " + title);
        } catch (Exception | AssertionError e) {
            failed++;
            System.out.println("FAILED  " + title);
            e.printStackTrace(System.out);
        }
    }

    private static void check(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    /** A program in the network of the kernel's device. */
    private static final class Kernels implements AutoCloseable {
        private final Process process;
        private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
        private final Thread reader;

        Kernels(String command) throws IOException {
            List<String> words = new ArrayList<>(IN_KERNELS_NETWORK);
            words.addAll(List.of(command.split(" ")));
            process = new ProcessBuilder(words).redirectErrorStream(true).start();
            reader = new Thread(() -> new java.io.BufferedReader(
                            new java.io.InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))
                    .lines()
                    .forEach(lines::add));
            reader.setDaemon(true);
            reader.start();
        }

        /** Starts one that connects to us, again while nobody listens yet. */
        static Kernels client(String command) throws Exception {
            long start = System.nanoTime();
            while (true) {
                Kernels kernels = new Kernels(command);
                boolean ended = kernels.process.waitFor(500, TimeUnit.MILLISECONDS);
                if (ended) {
                    kernels.reader.join(); // all that it said
                }
                if (!ended || !kernels.output().contains("Couldn't connect")) {
                    return kernels;
                }
                kernels.close();
                check(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(SECONDS), "nobody listens: " + command);
            }
        }

        void awaitLine(String text) throws Exception {
            long start = System.nanoTime();
            while (!output().contains(text)) {
                check(
                        process.isAlive() && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(SECONDS),
                        "no '" + text + "' from the kernel's:\n" + output());
                Thread.onSpinWait();
            }
        }

        String output() {
            synchronized (lines) {
                return String.join("\n", lines) + "\n";
            }
        }

        int status() throws InterruptedException {
            check(process.waitFor(SECONDS, TimeUnit.SECONDS), "the kernel's does not end:\n" + output());
            reader.join();
            return process.exitValue();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
