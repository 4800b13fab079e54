package org.rddma.perftest;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A run of the command line in this process.
 *
 * @param status exit status
 * @param out standard output
 * @param err standard error
 */
record Cli(int status, String out, String err) {
    static Cli run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Perftest.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                arguments);
        return new Cli(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Arguments in one line, with --loopback. */
    static Cli loopback(String line) {
        List<String> arguments = new ArrayList<>(List.of(line.split(" ", -1)));
        arguments.add("--loopback");
        return run(arguments.toArray(new String[0]));
    }

    /** The cells of the row that begins with this size. */
    List<String> row(int size) {
        return out.lines()
                .filter(line -> line.startsWith(" " + size + " "))
                .map(line -> List.of(line.strip().split(" {2,}", -1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row for " + size + " bytes in:\n" + out));
    }

    /** The titles of the columns. */
    List<String> columns() {
        return out.lines()
                .filter(line -> line.startsWith(" #bytes"))
                .map(line -> List.of(line.strip().split(" {2,}", -1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no header in:\n" + out));
    }
}
