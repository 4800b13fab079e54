package org.rddma.perftest;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A line on standard error that says that a long run is alive; only where standard error is a terminal. */
final class ProgressLine {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final PrintStream terminal;
    private boolean shown;

    /** A line on this stream, or none when standard error is no terminal. */
    static ProgressLine on(PrintStream err) {
        return new ProgressLine(err == System.err && standardErrorIsTerminal() ? err : null);
    }

    /** A line on a terminal; null for none. */
    ProgressLine(PrintStream terminal) {
        this.terminal = terminal;
    }

    void show(long elapsedNanos, long messages) {
        if (terminal != null && elapsedNanos > PATIENCE_NANOS) {
            shown = true;
            terminal.printf(
                    Locale.ROOT, "\r  %d s, %,d messages ", TimeUnit.NANOSECONDS.toSeconds(elapsedNanos), messages);
            terminal.flush();
        }
    }

    void clear() {
        if (shown) {
            shown = false;
            terminal.print("\r" + " ".repeat(60) + "\r");
            terminal.flush();
        }
    }

    /** System.console() would tell about standard input and output, and on some JDKs is there without a terminal. */
    private static boolean standardErrorIsTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
