package org.rddma.verbs.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.verbs.Errno;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;
import org.rddma.verbs.internal.os.EventFd;
import org.rddma.verbs.internal.os.UnixSocket;

/** What of the loop needs no device: tasks, timers, descriptors, its beginning and its end. */
@HangGuard(seconds = 20)
final class EventLoopTest {
    private EventLoop loop = new EventLoop();
    private Deadline.Running running;

    @AfterEach
    void closeLoop() {
        loop.close();
    }

    private void run() {
        running = Deadline.start("the loop", loop::run);
    }

    private void turnUntilAsleep() {
        Deadline.await("the loop would sleep", () -> !loop.turn());
    }

    // ---- tasks

    @Test
    @HangGuard(seconds = 60)
    @DisplayName(
            "tasks of many threads: each is run once, in the order of its thread; a sleeping loop is woken each time")
    void tasksOfManyThreads() throws Throwable {
        int threads = 4;
        int each = 20_000;
        int[] next = new int[threads];
        AtomicInteger done = new AtomicInteger();
        run();
        List<Deadline.Running> producers = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int thread = t;
            producers.add(Deadline.start("producer " + t, () -> {
                for (int i = 0; i < each; i++) {
                    int number = i;
                    Runnable task = () -> {
                        assertThat(next[thread]).isEqualTo(number);
                        next[thread]++;
                        done.incrementAndGet();
                    };
                    Deadline.await("room", () -> loop.tryExecute(task));
                }
            }));
        }
        for (Deadline.Running producer : producers) {
            producer.join();
        }
        Deadline.await("all tasks", () -> done.get() == threads * each);
        for (int i = 0; i < 1_000; i++) { // one by one: none may be slept over
            int expected = threads * each + i + 1;
            loop.execute(done::incrementAndGet);
            Deadline.await("the task", () -> done.get() == expected);
        }
        loop.stop();
        running.join();
    }

    @Test
    @DisplayName("as many tasks wait as the options allow; more are refused, and have room when one was run")
    void tasksAreBounded() {
        loop.close();
        loop = new EventLoop(EventLoopOptions.DEFAULT.withMaxTasks(40));
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            int number = i;
            loop.execute(() -> order.add(number));
        }
        assertThat(loop.tryExecute(() -> order.add(-1))).isFalse();
        assertThatThrownBy(() -> loop.execute(() -> order.add(-1))).isInstanceOf(RejectedExecutionException.class);
        turnUntilAsleep();
        assertThat(order).hasSize(40).isSorted();
        assertThat(loop.tryExecute(() -> order.add(40))).isTrue();
        refused("EventLoop.execute", Errno.EINVAL, () -> loop.execute(null));
    }

    @Test
    @DisplayName("a task that gives the loop a task, for ever, keeps nobody else waiting")
    void taskMakesTask() {
        AtomicInteger count = new AtomicInteger();
        Runnable[] again = new Runnable[1];
        again[0] = () -> {
            count.incrementAndGet();
            loop.execute(again[0]);
        };
        loop.execute(again[0]);
        AtomicInteger timers = new AtomicInteger();
        loop.timer(timers::incrementAndGet).start(1, TimeUnit.MILLISECONDS);
        Deadline.await("the timer", () -> loop.turn() && timers.get() == 1);
        assertThat(count.get()).isPositive();
    }

    // ---- timers

    @Test
    @DisplayName("timers go off in the order of their deadlines, then of their starts, and not before their time")
    void timersInOrder() {
        List<String> order = new ArrayList<>();
        long[] start = new long[1];
        int[] delays = {7, 3, 5, 3, 0, 9, 3};
        LoopTimer[] timers = new LoopTimer[delays.length];
        for (int i = 0; i < delays.length; i++) {
            int number = i;
            timers[i] = loop.timer(() -> {
                assertThat(System.nanoTime() - start[0])
                        .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(delays[number]));
                order.add(delays[number] + " of " + number);
            });
        }
        do { // all within a millisecond, or the deadlines may have another order than the delays
            start[0] = System.nanoTime();
            for (int i = 0; i < delays.length; i++) {
                timers[i].start(delays[i], TimeUnit.MILLISECONDS);
            }
        } while (System.nanoTime() - start[0] > TimeUnit.MILLISECONDS.toNanos(1));
        Deadline.await("all timers", () -> {
            boolean unused = loop.turn(); // without sleeping: nothing but the clock keeps a timer back
            return order.size() == delays.length;
        });
        assertThat(List.copyOf(order))
                .containsExactly("0 of 4", "3 of 1", "3 of 3", "3 of 6", "5 of 2", "7 of 0", "9 of 5");
    }

    @Test
    @DisplayName("a timer is started anew, from its own action too, and cancelled; only the last start counts")
    void timersAnew() {
        AtomicInteger count = new AtomicInteger();
        LoopTimer[] timer = new LoopTimer[1];
        timer[0] = loop.timer(() -> {
            assertThat(timer[0].isStarted()).isFalse();
            if (count.incrementAndGet() < 5) {
                timer[0].start(-1, TimeUnit.DAYS);
            }
        });
        timer[0].start(Long.MAX_VALUE, TimeUnit.DAYS);
        turnUntilAsleep();
        assertThat(timer[0].isStarted()).isTrue();
        assertThat(loop.remains().timers()).isEqualTo(1);
        assertThat(timer[0].cancel()).isTrue();
        assertThat(timer[0].cancel()).isFalse();
        turnUntilAsleep();
        assertThat(count.get()).isZero();
        timer[0].start(1, TimeUnit.HOURS);
        timer[0].start(0, TimeUnit.HOURS);
        Deadline.await("five times", () -> {
            boolean unused = loop.turn();
            return count.get() == 5;
        });
        turnUntilAsleep();
        assertThat(count.get()).isEqualTo(5);
        assertThat(loop.remains().isEmpty()).isTrue();
        refused("LoopTimer.start", Errno.EINVAL, () -> timer[0].start(1, null));
        refused("EventLoop.timer", Errno.EINVAL, () -> loop.timer(null));
    }

    @Test
    @DisplayName("a timer cancels another that is due in the same round")
    void timerCancelsTimer() {
        List<String> order = new ArrayList<>();
        LoopTimer second = loop.timer(() -> order.add("second"));
        loop.timer(() -> {
                    order.add("first");
                    assertThat(second.cancel()).isTrue();
                })
                .start(0, TimeUnit.SECONDS);
        second.start(0, TimeUnit.SECONDS);
        long end = System.nanoTime();
        Deadline.await("time passes", () -> System.nanoTime() > end);
        turnUntilAsleep();
        assertThat(order).containsExactly("first");
    }

    // ---- descriptors

    @Test
    @DisplayName(
            "a level-triggered descriptor is told as long as there is something, an edge-triggered one once per change")
    void levelAndEdge() {
        EventFd level = EventFd.semaphore("test");
        EventFd edge = EventFd.semaphore("test");
        AtomicInteger levelCalls = new AtomicInteger();
        AtomicInteger edgeCalls = new AtomicInteger();
        loop.watch(level.fd(), (descriptor, readable, writable) -> {
            assertThat(descriptor.fd()).isEqualTo(level.fd());
            assertThat(readable).isTrue();
            levelCalls.incrementAndGet();
            assertThat(level.take()).isTrue();
            return false;
        });
        WatchedDescriptor changes = loop.watchChanges(edge.fd(), (descriptor, readable, writable) -> {
            edgeCalls.incrementAndGet();
            return false;
        });
        level.add(3);
        edge.add(3);
        turnUntilAsleep();
        assertThat(levelCalls.get()).isEqualTo(3);
        assertThat(edgeCalls.get()).isEqualTo(1);
        edge.add(1);
        turnUntilAsleep();
        assertThat(edgeCalls.get()).isEqualTo(2);
        changes.interest(true, false); // told again
        turnUntilAsleep();
        assertThat(edgeCalls.get()).isEqualTo(3);
        assertThat(changes.remove()).isTrue();
        assertThat(changes.remove()).isFalse();
        refused("WatchedDescriptor.interest", Errno.EBADF, () -> changes.interest(true, true));
        edge.add(1);
        turnUntilAsleep();
        assertThat(edgeCalls.get()).isEqualTo(3);
        level.close();
        edge.close();
    }

    @Test
    @DisplayName("who watches changes and stops half-way is called again before the loop sleeps, and others in between")
    void edgeWithBudget() throws Throwable {
        EventFd edge = EventFd.semaphore("test");
        EventFd other = EventFd.semaphore("test");
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        loop.watchChanges(edge.fd(), (descriptor, readable, writable) -> {
            assertThat(readable).isTrue();
            if (!edge.take()) {
                return false;
            }
            order.add("edge");
            return true;
        });
        loop.watchChanges(other.fd(), (descriptor, readable, writable) -> {
            order.add("other");
            return false;
        });
        edge.add(4);
        other.add(1);
        run();
        Deadline.await("all", () -> order.size() == 5);
        assertThat(order.indexOf("other")).isLessThan(4);
        edge.add(1);
        Deadline.await("one more", () -> order.size() == 6);
        loop.stop();
        running.join();
        edge.close();
        other.close();
    }

    @Test
    @DisplayName("a socket: readable, writable, and both when its other end is gone")
    void sockets() {
        UnixSocket[] pair = UnixSocket.pair("test");
        List<String> seen = new ArrayList<>();
        ByteBuffer memory = ByteBuffer.allocateDirect(16);
        WatchedDescriptor watched = loop.watch(pair[0].fd(), (descriptor, readable, writable) -> {
            seen.add((readable ? "r" : "") + (writable ? "w" : ""));
            descriptor.interest(false, false);
            return false;
        });
        turnUntilAsleep();
        assertThat(seen).isEmpty();
        watched.interest(false, true);
        turnUntilAsleep();
        watched.interest(true, false);
        turnUntilAsleep();
        assertThat(pair[1].send(memory, 0, 4, UnixSocket.NONE)).isEqualTo(4);
        turnUntilAsleep();
        assertThat(pair[0].receive(memory, 0, 16)).isEqualTo(4);
        assertThat(seen).containsExactly("w", "r");
        pair[1].close();
        boolean unused = loop.turn();
        assertThat(seen).containsExactly("w", "r", "rw");
        assertThat(watched.remove()).isTrue();
        pair[0].close();
    }

    @Test
    @DisplayName("a descriptor that is removed by another's callback in the same round is not called any more")
    void removedInSameRound() {
        EventFd[] fds = {EventFd.semaphore("test"), EventFd.semaphore("test"), EventFd.semaphore("test")};
        List<WatchedDescriptor> watched = new ArrayList<>();
        AtomicInteger calls = new AtomicInteger();
        for (EventFd fd : fds) {
            watched.add(loop.watch(fd.fd(), (descriptor, readable, writable) -> {
                calls.incrementAndGet();
                watched.forEach(WatchedDescriptor::remove);
                return true;
            }));
        }
        for (EventFd fd : fds) {
            fd.signal();
        }
        turnUntilAsleep();
        assertThat(calls.get()).isEqualTo(1);
        assertThat(loop.remains().isEmpty()).isTrue();
        for (EventFd fd : fds) {
            fd.close();
        }
    }

    @Test
    @DisplayName("a descriptor that was closed without being removed: its number can be watched anew, and removed")
    void closedBehindTheLoop() {
        EventFd first = EventFd.semaphore("test");
        AtomicInteger calls = new AtomicInteger();
        WatchedDescriptor old = loop.watch(first.fd(), (descriptor, readable, writable) -> {
            calls.incrementAndGet();
            return false;
        });
        first.close();
        turnUntilAsleep();
        EventFd second = EventFd.semaphore("test");
        if (second.fd() != first.fd()) {
            second.close();
            Assumptions.abort("another thread was faster: the number is taken");
        }
        AtomicInteger newCalls = new AtomicInteger();
        WatchedDescriptor anew = loop.watch(second.fd(), (descriptor, readable, writable) -> {
            newCalls.incrementAndGet();
            boolean unused = second.take();
            return false;
        });
        boolean unused = old.remove();
        second.signal();
        turnUntilAsleep();
        assertThat(newCalls.get()).isEqualTo(1);
        assertThat(calls.get()).isZero();
        second.close();
        assertThat(anew.remove()).isTrue();
        assertThat(loop.remains().isEmpty()).isTrue();
    }

    @Test
    @DisplayName("a descriptor that was closed, whose number a file has taken: removing it is harmless")
    void numberTakenByFile(@TempDir Path folder) throws IOException {
        EventFd first = EventFd.semaphore("test");
        WatchedDescriptor old = loop.watch(first.fd(), (descriptor, readable, writable) -> false);
        Path file = Files.createFile(folder.resolve("file"));
        first.close();
        try (InputStream taken = Files.newInputStream(file)) {
            Path now = Path.of("/proc/self/fd/" + first.fd());
            Assumptions.assumeTrue(
                    Files.exists(now) && Files.isSameFile(now, file), "another thread was faster: the number is taken");
            assertThat(old.remove()).isTrue();
            assertThat(taken.read()).isNegative();
        }
        assertThat(loop.remains().isEmpty()).isTrue();
    }

    @Test
    @DisplayName("descriptors that cannot be watched are refused with a sentence")
    void descriptorsRefused() throws IOException {
        DescriptorHandler nothing = (descriptor, readable, writable) -> false;
        EventFd fd = EventFd.semaphore("test");
        WatchedDescriptor unused = loop.watch(fd.fd(), nothing);
        refused("EventLoop.watch", Errno.EINVAL, () -> loop.watch(fd.fd(), nothing));
        refused("EventLoop.watchChanges", Errno.EBADF, () -> loop.watchChanges(-1, nothing));
        refused("EventLoop.watch", Errno.EINVAL, () -> loop.watch(fd.fd(), null));
        assertThat(loop.remains().descriptors()).isEqualTo(1);
        fd.close();
    }

    @Test
    @DisplayName("far more ready descriptors than one look at epoll reports: all have their turn")
    void manyDescriptors() {
        int count = 200;
        EventFd[] fds = new EventFd[count];
        int[] calls = new int[count];
        for (int i = 0; i < count; i++) {
            int number = i;
            fds[i] = EventFd.semaphore("test");
            WatchedDescriptor unused = loop.watchChanges(fds[i].fd(), (descriptor, readable, writable) -> {
                calls[number]++;
                return false;
            });
        }
        for (EventFd fd : fds) {
            fd.signal();
        }
        turnUntilAsleep();
        assertThat(calls).containsOnly(1);
        for (EventFd fd : fds) {
            fd.close();
        }
    }

    // ---- whose it is, and its end

    @Test
    @DisplayName("while it runs other threads are refused (EPERM), and nobody can run it twice (EBUSY)")
    void confined() throws Throwable {
        LoopTimer timer = loop.timer(() -> {});
        run();
        Deadline.awaitBlocked(running.thread());
        refused("LoopTimer.start", Errno.EPERM, () -> timer.start(1, TimeUnit.DAYS));
        refused("EventLoop.onFailure", Errno.EPERM, () -> loop.onFailure(null));
        refused("EventLoop.watch", Errno.EPERM, () -> loop.watch(0, (d, r, w) -> false));
        refused("EventLoop.remains", Errno.EPERM, loop::remains);
        refused("EventLoop.run", Errno.EBUSY, loop::run);
        refused("EventLoop.turn", Errno.EBUSY, loop::turn);
        AtomicBoolean done = new AtomicBoolean();
        loop.execute(() -> {
            refused("EventLoop.run", Errno.EBUSY, loop::run);
            timer.start(1, TimeUnit.DAYS);
            assertThat(loop.remains()).isEqualTo(new EventLoopRemains(0, 0, 0, 1, 0));
            done.set(true);
        });
        Deadline.await("the task", done::get);
        loop.stop();
        running.join();
        assertThat(loop.remains().timers()).isEqualTo(1);
    }

    @Test
    @DisplayName("stop: the accepted tasks are run, no more are accepted; also before the loop runs, and in a callback")
    void stops() throws Throwable {
        AtomicInteger done = new AtomicInteger();
        run();
        Deadline.awaitBlocked(running.thread());
        loop.execute(() -> {
            loop.stop();
            for (int i = 0; i < 500; i++) {
                loop.execute(done::incrementAndGet);
            }
        });
        running.join();
        assertThat(done.get()).isEqualTo(500);
        assertThat(loop.isStopped()).isTrue();
        assertThatThrownBy(() -> loop.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThat(loop.turn()).isFalse();
        loop.run(); // returns at once
        loop.close();
        loop = new EventLoop();
        loop.execute(done::incrementAndGet);
        loop.stop();
        loop.run();
        assertThat(done.get()).isEqualTo(501);
    }

    @Test
    @DisplayName("an interrupt ends the loop, asleep or before it sleeps, and stays set in the thread")
    void interrupted() throws Throwable {
        AtomicInteger done = new AtomicInteger();
        run();
        Deadline.awaitBlocked(running.thread());
        running.thread().interrupt();
        running.join();
        loop.close();
        loop = new EventLoop();
        loop.execute(done::incrementAndGet);
        Deadline.Running second = Deadline.start("the interrupted loop", () -> {
            Thread.currentThread().interrupt();
            loop.run();
            assertThat(Thread.interrupted()).isTrue();
        });
        second.join();
        assertThat(done.get()).isEqualTo(1);
        assertThat(loop.isStopped()).isTrue();
    }

    @Test
    @DisplayName(
            "close ends a sleeping loop and waits for its thread; closing twice is harmless; then all is refused (EBADF)")
    void closes() throws Throwable {
        LoopTimer timer = loop.timer(() -> {});
        run();
        Deadline.awaitBlocked(running.thread());
        loop.close();
        running.join();
        loop.close();
        refused("EventLoop.run", Errno.EBADF, loop::run);
        refused("EventLoop.turn", Errno.EBADF, loop::turn);
        refused("EventLoop.watch", Errno.EBADF, () -> loop.watch(0, (d, r, w) -> false));
        refused("LoopTimer.start", Errno.EBADF, () -> timer.start(1, TimeUnit.DAYS));
        refused("EventLoop.remains", Errno.EBADF, loop::remains);
        assertThatThrownBy(() -> loop.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        loop.stop();
    }

    @Test
    @DisplayName("close in a callback: the loop ends and is closed; close from outside meanwhile waits for that")
    void closesInCallback() throws Throwable {
        run();
        AtomicBoolean in = new AtomicBoolean();
        AtomicBoolean go = new AtomicBoolean();
        loop.execute(() -> {
            loop.close();
            in.set(true);
            Deadline.await("the other close", go::get);
        });
        Deadline.await("the callback", in::get);
        Deadline.Running closer = Deadline.start("closes", loop::close);
        Deadline.awaitBlocked(closer.thread());
        go.set(true);
        running.join();
        closer.join();
        refused("EventLoop.run", Errno.EBADF, loop::run);
    }

    @Test
    @DisplayName("close in a callback is enough: when the loop has ended it is closed")
    void closesItself() {
        loop.execute(loop::close);
        loop.run();
        refused("EventLoop.run", Errno.EBADF, loop::run);
    }

    @Test
    @DisplayName("an interrupt ends a close that waits for a callback (EINTR); closing again waits on")
    void closeInterrupted() throws Throwable {
        run();
        AtomicBoolean in = new AtomicBoolean();
        AtomicBoolean go = new AtomicBoolean();
        loop.execute(() -> {
            in.set(true);
            Deadline.await("the end", go::get);
        });
        Deadline.await("the callback", in::get); // or there may be nothing yet that close must wait for
        Deadline.Running closer = Deadline.start("closes", () -> {
            refused("EventLoop.close", Errno.EINTR, loop::close);
            assertThat(Thread.interrupted()).isTrue();
        });
        Deadline.awaitBlocked(closer.thread());
        closer.thread().interrupt();
        closer.join();
        go.set(true);
        loop.close();
        running.join();
    }

    @Test
    @DisplayName(
            "what tasks, timers and descriptors throw goes to the handler of failures, which is told of what; or ends it")
    void failures() {
        EventFd fd = EventFd.semaphore("test");
        List<Object> about = new ArrayList<>();
        RuntimeException planted = new IllegalStateException("planted");
        Runnable fails = () -> {
            throw planted;
        };
        loop.onFailure((what, failure) -> {
            assertThat(failure).isSameAs(planted);
            about.add(what);
        });
        LoopTimer timer = loop.timer(fails);
        timer.start(0, TimeUnit.SECONDS);
        loop.execute(fails);
        WatchedDescriptor watched = loop.watch(fd.fd(), (descriptor, readable, writable) -> {
            boolean unused = fd.take();
            throw planted;
        });
        fd.signal();
        Deadline.await("three", () -> {
            boolean unused = loop.turn();
            return about.size() == 3;
        });
        assertThat(about).containsExactlyInAnyOrder(timer, fails, watched);
        loop.onFailure((what, failure) -> {
            throw new IllegalArgumentException("also planted");
        });
        AtomicInteger later = new AtomicInteger();
        loop.execute(fails);
        loop.execute(later::incrementAndGet);
        assertThatThrownBy(loop::run).isInstanceOf(IllegalArgumentException.class);
        assertThat(loop.isStopped()).isTrue();
        assertThat(loop.remains()).isEqualTo(new EventLoopRemains(0, 0, 1, 0, 1));
        assertThat(later.get()).isZero();
        fd.close();
    }

    @Test
    @DisplayName("a handler that throws before it has read, of a descriptor watched for changes, is called again")
    void failureKeepsEdge() {
        EventFd fd = EventFd.semaphore("test");
        AtomicInteger calls = new AtomicInteger();
        AtomicInteger failures = new AtomicInteger();
        loop.onFailure((what, failure) -> failures.incrementAndGet());
        WatchedDescriptor watched = loop.watchChanges(fd.fd(), (descriptor, readable, writable) -> {
            assertThat(readable).isTrue();
            if (calls.getAndIncrement() == 0) {
                throw new IllegalStateException("planted");
            }
            return fd.take();
        });
        fd.signal();
        turnUntilAsleep();
        assertThat(failures.get()).isEqualTo(1);
        assertThat(fd.take()).as("something is left").isFalse();
        assertThat(watched.remove()).isTrue();
        fd.close();
    }

    @Test
    @DisplayName("an Error ends the loop as it is")
    void errors() {
        Error planted = new AssertionError("planted");
        loop.execute(() -> {
            throw planted;
        });
        assertThatThrownBy(loop::run).isSameAs(planted);
    }

    @Test
    @DisplayName("options out of range are refused")
    void options() {
        refused("EventLoop", Errno.EINVAL, () -> new EventLoop(null));
        for (Runnable wrong : List.<Runnable>of(
                () -> EventLoopOptions.DEFAULT.withBudget(0),
                () -> EventLoopOptions.DEFAULT.withBudget(65_537),
                () -> EventLoopOptions.DEFAULT.withMaxTasks(0),
                () -> EventLoopOptions.DEFAULT.withWaiting(null))) {
            assertThatThrownBy(wrong::run).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
