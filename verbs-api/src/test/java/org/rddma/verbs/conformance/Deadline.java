package org.rddma.verbs.conformance;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.rddma.verbs.internal.ring.SpinLock;

/** Time limits: for what a test does, and for what it waits for. */
public final class Deadline {
    /** How long a test waits for what must come: ten seconds, or what the property says. */
    static final Duration PATIENCE = Duration.ofSeconds(Long.getLong("rddma.patience.seconds", 10));

    private static final int SPINS = 2_000;

    private Deadline() {}

    /** Something to do. */
    @FunctionalInterface
    public interface Body {
        /** Does it. */
        void run() throws Throwable;
    }

    /** A thread that keeps what it failed with. */
    public static final class Running {
        private final Thread thread;
        private volatile Throwable failure;

        private Running(String name, Body body) {
            thread = new Thread(
                    () -> {
                        try {
                            body.run();
                        } catch (Throwable e) {
                            failure = e;
                        }
                    },
                    name);
            thread.setDaemon(true);
            thread.start();
        }

        /** The thread. */
        public Thread thread() {
            return thread;
        }

        /** Whether it is not done yet. */
        public boolean isAlive() {
            return thread.isAlive();
        }

        /** Waits for its end, and fails as it failed. */
        public void join() throws Throwable {
            join(PATIENCE);
        }

        /** Waits for its end, and fails as it failed. */
        public void join(Duration limit) throws Throwable {
            joinWithin(limit);
            if (failure != null) {
                throw failure;
            }
        }

        private void joinWithin(Duration limit) throws InterruptedException {
            thread.join(Math.max(1, limit.toMillis()));
            if (thread.isAlive()) {
                String dump = dumpOfAllThreads();
                System.err.println(thread.getName() + " hangs:\n" + dump);
                thread.interrupt();
                thread.join(1_000);
                throw new AssertionError("'" + thread.getName() + "' is not done after " + limit.toMillis()
                        + " ms. All threads:\n" + dump);
            }
        }
    }

    /** Starts a thread. */
    public static Running start(String name, Body body) {
        return new Running(name, body);
    }

    /** Does something in a thread of its own, and fails with the stacks of all threads when it is not done in time. */
    public static void run(String name, Duration limit, Body body) throws Throwable {
        Running running = start(name, body);
        try {
            running.join(limit);
        } catch (InterruptedException e) {
            running.thread().interrupt();
            throw e;
        }
    }

    /** As {@link #run}, for a caller that cannot throw anything. */
    public static void check(String name, Duration limit, Body body) {
        try {
            run(name, limit, body);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until something is true. */
    public static void await(String what, BooleanSupplier condition) {
        await(what, PATIENCE, condition);
    }

    /** Waits until something is true. */
    public static void await(String what, Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        for (int attempt = 0; !condition.getAsBoolean(); attempt++) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not in " + limit.toMillis() + " ms: " + what);
            }
            if (attempt < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(100));
            }
        }
    }

    /** Waits until a thread waits for something itself, in Java or in a native call. */
    public static void awaitBlocked(Thread thread) {
        await(thread.getName() + " blocks", () -> {
            Thread.State state = thread.getState();
            StackTraceElement[] stack = thread.getStackTrace();
            if (state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING) {
                return !isNap(stack);
            }
            return stack.length > 0
                    && stack[0].isNativeMethod()
                    && (stack[0].getMethodName().equals("poll")
                            || stack[0].getMethodName().equals("epoll_wait"));
        });
    }

    /** Of who has something to do, and only looks now and then whether it can. */
    private static boolean isNap(StackTraceElement[] stack) {
        int top = 0;
        while (top < stack.length && stack[top].getClassName().startsWith("java.")) {
            top++;
        }
        return top < stack.length && isIn(stack[top], Deadline.class, "await")
                || Arrays.stream(stack).anyMatch(frame -> isIn(frame, SpinLock.class, "lockContended"));
    }

    private static boolean isIn(StackTraceElement frame, Class<?> type, String method) {
        return frame.getClassName().equals(type.getName())
                && frame.getMethodName().equals(method);
    }

    private static String dumpOfAllThreads() {
        StringBuilder dump = new StringBuilder();
        for (Map.Entry<Thread, StackTraceElement[]> entry :
                Thread.getAllStackTraces().entrySet()) {
            Thread thread = entry.getKey();
            dump.append('"')
                    .append(thread.getName())
                    .append("\" ")
                    .append(thread.getState())
                    .append('\n');
            for (StackTraceElement frame : entry.getValue()) {
                dump.append("    at ").append(frame).append('\n');
            }
        }
        return dump.toString();
    }
}
