package org.rddma.verbs.conformance;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** After every test the event descriptors of the process and the threads of the device are what they were before it. */
public final class LeakGuard implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(LeakGuard.class);

    /** What there was at some time. */
    public record Snapshot(Set<String> descriptors, Set<Long> threads) {
        /** Fails when there is more now, and does not go away soon. */
        public void assertNothingLeaked(String threadPrefix) {
            assertNothingLeaked(threadPrefix, Deadline.PATIENCE);
        }

        void assertNothingLeaked(String threadPrefix, Duration patience) {
            Snapshot[] now = new Snapshot[1];
            try {
                Deadline.await("no descriptor and no thread is left over", patience, () -> {
                    now[0] = take(threadPrefix);
                    return descriptors.containsAll(now[0].descriptors) && threads.containsAll(now[0].threads);
                });
            } catch (AssertionError e) {
                Set<String> names = Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> isOfDevice(thread, threadPrefix) && !threads.contains(idOf(thread)))
                        .map(Thread::getName)
                        .collect(Collectors.toCollection(TreeSet::new));
                Set<String> fds = new TreeSet<>(now[0].descriptors);
                fds.removeAll(descriptors);
                throw new AssertionError("left over: descriptors " + fds + ", threads " + names, e);
            }
        }
    }

    /** What there is now. */
    public static Snapshot take(String threadPrefix) {
        Set<Long> threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> isOfDevice(thread, threadPrefix))
                .map(LeakGuard::idOf)
                .collect(Collectors.toSet());
        return new Snapshot(eventDescriptors(), threads);
    }

    /** The eventfd and epoll descriptors of this process, as number and kind. */
    public static Set<String> eventDescriptors() {
        Set<String> descriptors = new TreeSet<>();
        try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path link : links) {
                String target = targetOf(link);
                if (target.startsWith("anon_inode:")) {
                    descriptors.add(link.getFileName() + " " + target);
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return descriptors;
    }

    private static String targetOf(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }

    private static boolean isOfDevice(Thread thread, String prefix) {
        return thread.isAlive() && thread.getName().startsWith(prefix);
    }

    @SuppressWarnings("deprecation") // Thread.threadId() is not in Java 17
    private static long idOf(Thread thread) {
        return thread.getId();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(NAMESPACE).put(Snapshot.class, take(prefix(context)));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        context.getStore(NAMESPACE).remove(Snapshot.class, Snapshot.class).assertNothingLeaked(prefix(context));
    }

    private static String prefix(ExtensionContext context) {
        return ((DeviceUnderTest) context.getRequiredTestInstance()).threadPrefix();
    }
}
