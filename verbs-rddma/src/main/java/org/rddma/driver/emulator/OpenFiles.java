package org.rddma.driver.emulator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How many files this process may have open: the driver leaves some to whoever else is in it, and to new clients. */
final class OpenFiles {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String LINE = "Max open files";
    /** When the system does not say. */
    private static final int USUAL = 1024;

    private OpenFiles() {}

    static int limit() {
        try {
            return limit(Files.readAllLines(LIMITS));
        } catch (IOException e) {
            return USUAL;
        }
    }

    /** The soft limit: the first number of its line; at most what fits. */
    static int limit(List<String> lines) {
        for (String line : lines) {
            if (line.startsWith(LINE)) {
                String soft = line.substring(LINE.length()).strip().split(" ", 2)[0];
                return soft.matches("[0-9]{1,9}") ? Integer.parseInt(soft) : Integer.MAX_VALUE;
            }
        }
        return USUAL;
    }
}
