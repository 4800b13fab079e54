package org.rddma.verbs.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rddma.verbs.internal.os.PollSet;

/** What the system says about a descriptor. */
public final class Descriptors {
    private static final int O_CLOEXEC = 0_2000000;

    private Descriptors() {}

    /** Whether poll(2) finds it readable now. */
    public static boolean isReadable(int fd) {
        return isReadable(fd, 0);
    }

    /** Whether poll(2) finds it readable in time. */
    public static boolean isReadable(int fd, int timeoutMillis) {
        PollSet set = new PollSet(1);
        set.set(0, fd);
        boolean some = set.poll(timeoutMillis) == 1;
        return some && set.isReady(0);
    }

    /** Whether this process has it open. */
    public static boolean isOpen(int fd) {
        return Files.exists(Path.of("/proc/self/fd/" + fd), java.nio.file.LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether a program that this process starts does not inherit it. */
    public static boolean isCloseOnExec(int fd) {
        return (Integer.parseInt(field(infoOf(fd), "flags"), 8) & O_CLOEXEC) != 0;
    }

    /** How many descriptors this process may have. */
    public static int limit() {
        try {
            return Files.readString(Path.of("/proc/self/limits"))
                    .lines()
                    .filter(line -> line.startsWith("Max open files"))
                    .mapToInt(line -> (int) Math.min(
                            1 << 20, Long.parseLong(line.substring(25).strip().split(" +", -1)[0])))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The count of an eventfd. */
    public static long eventCount(int fd) {
        return eventCount(infoOf(fd));
    }

    /** Waits for the count of an eventfd: who raises an event counts it first, and then signals. */
    static void awaitEventCount(int fd, long count) {
        Deadline.await("a count of " + count, () -> eventCount(fd) == count);
    }

    /** The count of an eventfd as another process reads it. */
    public static long eventCountSeenByAnotherProcess(int fd) {
        String path = "/proc/" + ProcessHandle.current().pid() + "/fdinfo/" + fd;
        try {
            Process cat =
                    new ProcessBuilder("cat", path).redirectErrorStream(true).start();
            return eventCount(new String(cat.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The numbers of descriptors that a program inherits from this process. */
    public static String inheritedByAnotherProcess() {
        try {
            Process ls = new ProcessBuilder("ls", "-l", "/proc/self/fd")
                    .redirectErrorStream(true)
                    .start();
            return new String(ls.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long eventCount(String info) {
        return Long.parseLong(field(info, "eventfd-count"), 16);
    }

    private static String infoOf(int fd) {
        try {
            return Files.readString(Path.of("/proc/self/fdinfo/" + fd));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String field(String info, String name) {
        return info.lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in:\n" + info));
    }
}
