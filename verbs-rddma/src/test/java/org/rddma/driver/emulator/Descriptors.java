package org.rddma.driver.emulator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What this process has open. */
final class Descriptors {
    private Descriptors() {}

    /** How many of the driver's memories. */
    static long memories() {
        return count("memfd:rddma");
    }

    /** How many whose link in /proc contains a word. */
    static long count(String word) {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(link -> target(link).contains(word)).count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return ""; // it has been closed
        }
    }
}
