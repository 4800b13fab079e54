package org.rddma.perftest;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.rddma.verbs.conformance.Deadline;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The two ends of a test as two processes have them, with TCP between them, but in threads of this process; on the
 * loopback device, where what each end does about the other is seen without a network, or on the wire.
 *
 * @param server the server's outcome
 * @param client the client's outcome
 */
record TwoEnds(Ended server, Ended client) {
    /** Of this process alone: each run has its own. */
    private static final AtomicInteger PORTS = new AtomicInteger(20_710);

    private static final String DEVICE = "soft0";

    /**
     * How an end ended.
     *
     * @param out its report
     * @param notes what it had to say beside
     * @param interruption why it ended before its time; null when it did not
     * @param failure what it threw; null when it did not
     */
    record Ended(String out, String notes, String interruption, RuntimeException failure) {}

    /** With the same options at both ends. */
    static TwoEnds run(TestKind kind, String options) {
        return run(kind, options, kind, options);
    }

    /** With the same options at both ends, on the wire between two addresses of this host. */
    static TwoEnds runOnTheWire(TestKind kind, String options) {
        return run(kind, options + " -d roce:127.0.7.1", kind, options + " -d roce:127.0.7.2");
    }

    static TwoEnds run(TestKind serverKind, String serverOptions, TestKind clientKind, String clientOptions) {
        int port = PORTS.getAndIncrement();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            EndRun server = new EndRun(serverKind, "-p " + port + " " + serverOptions);
            EndRun client = new EndRun(clientKind, "-p " + port + " 127.0.0.1 " + clientOptions);
            Future<Ended> ofServer = threads.submit(server::run);
            Future<Ended> ofClient = threads.submit(client::run);
            return new TwoEnds(ofServer.get(60, TimeUnit.SECONDS), ofClient.get(60, TimeUnit.SECONDS));
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        } finally {
            threads.shutdownNow();
        }
    }

    static int freePort() {
        return PORTS.getAndIncrement();
    }

    /** What a command line says. */
    static Settings settings(TestKind kind, String line) {
        TestOptions options = new TestOptions();
        CommandSpec command = CommandSpec.create().addMixin("options", CommandSpec.forAnnotatedObject(options));
        CommandLine.ParseResult unused =
                new CommandLine(command).parseArgs(line.strip().split(" +", -1));
        options.warmUp = new PhaseLength(100, 0, TimeUnit.MINUTES.toNanos(1));
        return Settings.of(kind, options);
    }

    /** One end. */
    static final class EndRun {
        final CountDownLatch waiting = new CountDownLatch(1);
        final Interruption interruption = new Interruption();
        /** What is done once both ends are connected. */
        volatile Runnable begun = () -> {};

        private final Control control = new Control();
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final Queue<String> notes = new ConcurrentLinkedQueue<>();
        private final Settings settings;

        EndRun(TestKind kind, String line) {
            settings = TwoEnds.settings(kind, line);
        }

        /** Waits until messages are under way in the phase of that number. */
        void awaitPhase(long phase) {
            Deadline.await("messages", () -> control.phase() >= phase && control.progress(End.CLIENT) > 0);
        }

        Ended run() {
            PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
            TextReport text = new TextReport(stream, settings);
            String why = null;
            RuntimeException failure = null;
            End end = settings.host == null ? End.SERVER : End.CLIENT;
            try (interruption;
                    Solo solo = new Solo(control, end, settings.pinCores, new ProgressLine(null), Stall.HUNG)) {
                why = new TestRun(settings, control, interruption, new ProgressLine(null), notes::add)
                        .runOn(settings.device == null ? DEVICE : settings.device, end, solo, new Watched(text));
                text.end();
            } catch (RuntimeException e) {
                failure = e;
            }
            return new Ended(out.toString(StandardCharsets.UTF_8), String.join("\n", notes), why, failure);
        }

        /** Says when the run has come so far. */
        private final class Watched implements Report {
            private final Report report;

            Watched(Report report) {
                this.report = report;
            }

            @Override
            public void waiting() {
                report.waiting();
                waiting.countDown();
            }

            @Override
            public void begin(Side local, SideAddress remote) {
                report.begin(local, remote);
                begun.run();
            }

            @Override
            public void row(LatencyResult result) {
                report.row(result);
            }

            @Override
            public void row(BandwidthResult result) {
                report.row(result);
            }

            @Override
            public void interrupted(String sentence) {
                report.interrupted(sentence);
            }
        }
    }
}
