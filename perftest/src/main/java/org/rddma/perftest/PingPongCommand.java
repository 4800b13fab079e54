package org.rddma.perftest;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * A ping-pong that either end of can be libibverbs' program of the same name: the same options, the same words on TCP, the
 * same output, the same exit status. A server that finds a wrong byte fails, where the C program only says so.
 */
@Command(
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = Perftest.class,
        exitCodeOnInvalidInput = Perftest.FAILED)
final class PingPongCommand implements Callable<Integer> {
    private final PingPongKind kind;
    private final PrintStream out;

    @Mixin
    private final PingPongOptions options = new PingPongOptions();

    PingPongCommand(PingPongKind kind, PrintStream out) {
        this.kind = kind;
        this.out = out;
    }

    @Override
    public Integer call() {
        PingPongSettings settings = new PingPongSettings(kind, options);
        try (PingPongEnd end = PingPongEnd.open(settings)) {
            PingPongLoop loop = new PingPongLoop(end);
            PingPongAddress[] own = end.addresses();
            print("local", own, kind == PingPongKind.UD ? ":" : ",");
            PingPongExchange exchange = new PingPongExchange(settings);
            PingPongAddress[] remote = settings.isClient() ? exchange.ask(own) : exchange.serve(own, end::connect);
            print("remote", remote, ",");
            if (settings.isClient()) {
                end.connect(remote);
            }
            report(settings, loop.run(remote), loop.times());
            int wrong = settings.check && !settings.isClient() ? end.unmarkedPage() : -1;
            if (wrong >= 0) {
                out.print("invalid data in page " + wrong + "\n");
                return Perftest.FAILED;
            }
        }
        return Perftest.OK;
    }

    private void print(String which, PingPongAddress[] addresses, String beforeGid) {
        for (PingPongAddress address : addresses) {
            if (!address.equals(PingPongAddress.NONE)) {
                out.print(address.text(which, beforeGid));
            }
        }
        out.flush();
    }

    private void report(PingPongSettings settings, long nanos, PingPongTimes times) {
        long bytes = (long) settings.size * settings.iterations * 2;
        double micros = nanos / 1e3;
        out.printf(
                Locale.ROOT, "%d bytes in %.2f seconds = %.2f Mbit/sec\n", bytes, micros / 1e6, bytes * 8.0 / micros);
        out.printf(
                Locale.ROOT,
                "%d iters in %.2f seconds = %.2f usec/iter\n",
                settings.iterations,
                micros / 1e6,
                micros / settings.iterations);
        out.print(times.text());
    }
}
