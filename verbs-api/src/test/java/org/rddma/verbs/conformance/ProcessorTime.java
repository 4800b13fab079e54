package org.rddma.verbs.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What the system counts for each thread, whatever else the machine is doing. */
public final class ProcessorTime {
    /** The kernel keeps so many characters of a name. */
    private static final int NAME_CHARACTERS = 15;

    /** Of the first line of schedstat: nanoseconds on a processor. */
    private static final int ON_PROCESSOR = 0;

    private ProcessorTime() {}

    /** Nanoseconds that the threads of this name have had of the processors; 0 when there is none any more. */
    public static long nanosOf(Thread thread) {
        String name = thread.getName();
        String kept = name.substring(0, Math.min(NAME_CHARACTERS, name.length()));
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            List<Path> all = tasks.toList();
            long nanos = 0;
            for (Path task : all) {
                nanos += nanosOf(task, kept);
            }
            return nanos;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long nanosOf(Path task, String name) {
        try {
            if (!Files.readString(task.resolve("comm")).strip().equals(name)) {
                return 0;
            }
            return Long.parseLong(
                    Files.readString(task.resolve("schedstat")).strip().split(" ", -1)[ON_PROCESSOR]);
        } catch (IOException e) { // it has ended meanwhile
            return 0;
        }
    }
}
