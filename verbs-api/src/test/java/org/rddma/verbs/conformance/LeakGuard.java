package org.rddma.verbs.conformance;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;
import org.junit.platform.commons.support.AnnotationSupport;
import org.rddma.verbs.spi.AbstractContext;

/**
 * After every test, and after every class of tests, nothing is left that was not there before: no event descriptor, no
 * thread, no open context nor any object in one, no event that was read and never acknowledged. The platform finds this
 * extension by itself wherever this jar is on the class path; {@link LeakGuardHook} does the same for properties.
 */
public final class LeakGuard
        implements BeforeAllCallback,
                TestInstancePreConstructCallback,
                BeforeEachCallback,
                AfterEachCallback,
                AfterAllCallback {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(LeakGuard.class);

    /** Threads that come when something is used for the first time, and stay. */
    private static final Set<String> LASTING_THREADS = Set.of(
            "CompletableFutureDelayScheduler",
            "ForkJoinPool.commonPool-",
            "JFR ",
            "JNA Cleaner",
            "junit-",
            "surefire-");

    private static volatile boolean watching;

    /** What there was at some time. */
    public record Snapshot(
            Set<String> descriptors, Set<Thread> threads, Set<Object> objects, long unacknowledgedEvents) {
        /** What there is now. */
        public static Snapshot take() {
            return new Snapshot(
                    eventDescriptors(), liveThreads(), openObjects(), AbstractContext.unacknowledgedEvents());
        }

        /** Fails when there is more now, and does not go away soon. */
        public void assertNothingLeaked() {
            assertNothingLeaked(true, Deadline.PATIENCE);
        }

        /** Fails when there is more now, with or without unacknowledged events, and does not go away in time. */
        public void assertNothingLeaked(boolean withEvents, Duration patience) {
            String[] left = new String[1];
            try {
                Deadline.await("nothing is left over", patience, () -> {
                    left[0] = whatIsLeft(withEvents);
                    return left[0].isEmpty();
                });
            } catch (AssertionError e) {
                throw new AssertionError("left over: " + left[0], e);
            }
        }

        private String whatIsLeft(boolean withEvents) {
            Snapshot now = take();
            long events = withEvents ? now.unacknowledgedEvents - unacknowledgedEvents : 0;
            return Stream.of(
                            describe("descriptors ", minus(now.descriptors, descriptors)),
                            describe("threads ", minus(now.threads, threads)),
                            describe("objects ", minus(now.objects, objects)),
                            events > 0 ? events + " unacknowledged events" : "")
                    .filter(part -> !part.isEmpty())
                    .collect(Collectors.joining(", "));
        }

        private static Set<Object> minus(Collection<?> some, Collection<?> others) {
            Set<Object> rest = new LinkedHashSet<>(some);
            rest.removeAll(others);
            return rest;
        }

        private static String describe(String what, Set<Object> some) {
            return some.isEmpty() ? "" : what + some;
        }
    }

    /** Whether a test or a property is being watched now. */
    public static boolean isWatching() {
        return watching;
    }

    static void setWatching(boolean value) {
        watching = value;
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

    /** The threads of the tests and of the devices; not those that the system keeps for itself. */
    private static Set<Thread> liveThreads() {
        ThreadGroup root = Thread.currentThread().getThreadGroup();
        while (root.getParent() != null) {
            root = root.getParent();
        }
        Thread[] all = new Thread[2 * root.activeCount() + 16];
        int count = root.enumerate(all);
        return Stream.of(all)
                .limit(count)
                .filter(LeakGuard::isOfTestOrDevice)
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static boolean isOfTestOrDevice(Thread thread) {
        ThreadGroup group = thread.getThreadGroup(); // null once the thread has ended
        return group != null
                && !group.getName().equals("system")
                && !group.getName().equals("InnocuousThreadGroup")
                && LASTING_THREADS.stream().noneMatch(thread.getName()::startsWith);
    }

    private static Set<Object> openObjects() {
        Set<Object> objects = new LinkedHashSet<>();
        for (AbstractContext context : AbstractContext.openContexts()) {
            objects.add(context);
            objects.addAll(context.openObjects());
        }
        return objects;
    }

    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
        return ExtensionContextScope.TEST_METHOD;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        remember(context);
    }

    /** Before the fields of the test are made. */
    @Override
    public void preConstructTestInstance(TestInstanceFactoryContext factory, ExtensionContext context) {
        if (context.getTestMethod().isPresent()) { // else it lives as long as its class
            remember(context);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        remember(context); // of tests that share an instance
        watching = true;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        watching = false;
        check(context, context.getRequiredTestMethod().isAnnotationPresent(LeavesEventsUnacknowledged.class));
    }

    @Override
    public void afterAll(ExtensionContext context) {
        check(context, true); // events are counted after each test
    }

    private static void remember(ExtensionContext context) {
        if (context.getStore(NAMESPACE).get(context.getUniqueId()) == null) {
            context.getStore(NAMESPACE).put(context.getUniqueId(), Snapshot.take());
        }
    }

    private static void check(ExtensionContext context, boolean mayLeaveEvents) {
        Snapshot before = context.getStore(NAMESPACE).remove(context.getUniqueId(), Snapshot.class);
        if (context.getExecutionException().isEmpty()) { // what has failed may leave anything behind
            boolean withEvents = !mayLeaveEvents
                    && !AnnotationSupport.isAnnotated(context.getTestClass(), LeavesEventsUnacknowledged.class);
            before.assertNothingLeaked(withEvents, Deadline.PATIENCE);
        }
    }
}
