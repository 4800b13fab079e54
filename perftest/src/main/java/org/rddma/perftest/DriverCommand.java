package org.rddma.perftest;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.rddma.driver.emulator.DriverEmulator;
import org.rddma.driver.emulator.EmulatorLimits;
import org.rddma.driver.emulator.EmulatorOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * An RDDMA driver in user space, for several processes: runs until it is ended by a signal or its thread by an
 * interrupt, and then takes its socket away.
 */
@Command(
        description = {
            "Runs an RDDMA driver in user space for other processes of the same user.",
            "They open it by its socket: -Drddma.device=PATH, or RDDMA_DEVICE=PATH in their environment."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Perftest.class)
final class DriverCommand implements Callable<Integer> {
    private static final EmulatorLimits LIMITS = EmulatorLimits.defaults();

    @Option(names = "--socket", required = true, paramLabel = "<path>", description = "Where to listen.")
    private Path socket;

    @Option(
            names = "--strict",
            description = "Results as the driver of March 2008 gives them: 1 for nearly everything.")
    private boolean strict;

    @Option(names = "--no-vfi", description = "Without the commands of its successor.")
    private boolean withoutVfi;

    @Option(names = "--exact-options", description = "Find options by their whole name, as no real driver does.")
    private boolean exactOptions;

    @Option(names = "--all-lines", description = "Carry out every line of a write, not only the first.")
    private boolean allLines;

    @Option(
            names = "--overtaking",
            paramLabel = "<seed>",
            description = "Carry out the commands of non-blocking opens in a random order.")
    private Long seed;

    @Option(
            names = "--max-opens",
            paramLabel = "<n>",
            description = "Open files of all processes (default: ${DEFAULT-VALUE}).")
    private int opens = LIMITS.opens();

    @Option(
            names = "--max-outstanding",
            paramLabel = "<n>",
            description = "Unanswered commands of one open file (default: ${DEFAULT-VALUE}).")
    private int outstanding = LIMITS.outstanding();

    @Option(
            names = "--max-unread",
            paramLabel = "<n>",
            description =
                    "Replies of one open file that the driver keeps until they are read (default: ${DEFAULT-VALUE}).")
    private int unread = LIMITS.unread();

    @Option(
            names = "--max-buffers",
            paramLabel = "<n>",
            description = "Shared memory buffers (default: ${DEFAULT-VALUE}).")
    private int buffers = LIMITS.buffers();

    @Option(
            names = "--max-bytes",
            paramLabel = "<bytes>",
            description = "Memory of all buffers together (default: ${DEFAULT-VALUE}).")
    private long bytes = LIMITS.bytes();

    @Option(names = "--max-locations", paramLabel = "<n>", description = "Locations (default: ${DEFAULT-VALUE}).")
    private int locations = LIMITS.locations();

    @Option(names = "--max-transfers", paramLabel = "<n>", description = "Transfers (default: ${DEFAULT-VALUE}).")
    private int transfers = LIMITS.transfers();

    @Option(names = "--max-binds", paramLabel = "<n>", description = "Binds (default: ${DEFAULT-VALUE}).")
    private int binds = LIMITS.binds();

    @Option(names = "--max-events", paramLabel = "<n>", description = "Events (default: ${DEFAULT-VALUE}).")
    private int events = LIMITS.events();

    private final PrintStream out;

    DriverCommand(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        try (DriverEmulator driver = DriverEmulator.start(options())) {
            driver.listen(socket);
            // a signal ends the process without coming back here: its hook is what takes the socket away
            Thread hook = new Thread(driver::close, "perftest-driver-end");
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                out.print("rddma-driver: listening on " + socket + "\n");
                out.flush();
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                forget(hook);
            }
        }
        return Perftest.OK;
    }

    private static void forget(Thread hook) {
        try {
            boolean unused = Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // the process is ending: the hook runs already
        }
    }

    private EmulatorOptions options() {
        OptionRules.refuseIf(
                Math.min(Math.min(opens, outstanding), Math.min(unread, buffers)) < 1
                        || Math.min(Math.min(locations, transfers), Math.min(binds, events)) < 1
                        || bytes < 1,
                "a limit is at least 1");
        EmulatorOptions options = EmulatorOptions.defaults()
                .withStrict(strict)
                .withVfi(!withoutVfi)
                .withSubstringQuirk(!exactOptions)
                .withFirstLineOnly(!allLines)
                .withLimits(new EmulatorLimits(
                        opens, outstanding, unread, buffers, bytes, locations, transfers, binds, events));
        return seed == null ? options : options.withOvertaking(seed);
    }
}
