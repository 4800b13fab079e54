package org.rddma.perftest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The processors that this process may use. */
final class Processors {
    private static final String KEY = "Cpus_allowed_list:";

    private Processors() {}

    /**
     * Two different processors to bind two threads to. A test and its limit can only be compared when both run in the same
     * places: left alone, the scheduler puts two threads that wake each other on one processor or on two, as it likes.
     *
     * @return empty when there is only one, or when it cannot be found out
     */
    static List<Integer> two() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith(KEY)) {
                    List<Integer> allowed = parse(line.substring(KEY.length()).strip());
                    return allowed.size() < 2 ? List.of() : allowed.subList(0, 2);
                }
            }
        } catch (IOException | NumberFormatException e) {
            return List.of(); // then nothing is bound, and the header shows none
        }
        return List.of();
    }

    /** Reads a list such as {@code 0-3,8}. */
    static List<Integer> parse(String list) {
        List<Integer> processors = new ArrayList<>();
        for (String range : list.split(",", -1)) {
            int dash = range.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
            int last = dash < 0 ? first : Integer.parseInt(range.substring(dash + 1));
            for (int processor = first; processor <= last; processor++) {
                processors.add(processor);
            }
        }
        return processors;
    }
}
