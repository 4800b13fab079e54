package org.rddma.verbs.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.Errno;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.Descriptors;
import org.rddma.verbs.conformance.HangGuard;

/** Events and their descriptor without a device. */
@HangGuard
final class EventChannelTest {
    private final EventChannel<String> channel = new EventChannel<>("the channel", "createCompletionChannel");

    @AfterEach
    void close() {
        channel.close();
    }

    private String tryTake() {
        return channel.tryTake("tryGetEvent");
    }

    private void assertCount(int count) {
        assertThat(channel.size()).isEqualTo(count);
        assertThat(Descriptors.eventCount(channel.fd())).isEqualTo(count);
        assertThat(Descriptors.isReadable(channel.fd())).isEqualTo(count > 0);
    }

    @Test
    @DisplayName("§1.3 first in, first out over many sizes; the descriptor counts along")
    void order() {
        List<EventSource<String>> sources = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            sources.add(new EventSource<>("source " + i));
        }
        int in = 0;
        int out = 0;
        for (int round = 0; round < 100; round++) {
            for (int i = 0; i < round; i++) {
                channel.raise(sources.get(in++ % 100));
            }
            assertCount(in - out);
            for (int i = 0; i < round / 2; i++) {
                assertThat(tryTake()).isEqualTo("source " + out++ % 100);
            }
            assertCount(in - out);
        }
        while (out < in) {
            assertThat(tryTake()).isEqualTo("source " + out++ % 100);
        }
        assertCount(0);
        assertThat(tryTake()).isNull();
        assertThat(sources.stream().mapToInt(EventSource::unacknowledged).sum()).isEqualTo(in);
    }

    @Test
    @DisplayName("§1.5 withdrawing takes one source's events out of the middle, wherever the ring's seam is")
    void withdraw() {
        for (int shift = 0; shift < 20; shift++) {
            EventSource<String> leaves = new EventSource<>("leaves");
            EventSource<String> stays = new EventSource<>("stays");
            EventSource<String> also = new EventSource<>("also");
            for (int i = 0; i < shift; i++) {
                channel.raise(stays);
                assertThat(tryTake()).isEqualTo("stays");
            }
            channel.raise(leaves);
            channel.raise(stays);
            channel.raise(leaves);
            channel.raise(leaves);
            channel.raise(also);
            channel.raise(stays);
            channel.raise(leaves);
            channel.withdraw(leaves);
            assertCount(3);
            channel.withdraw(leaves);
            assertCount(3);
            assertThat(List.of(tryTake(), tryTake(), tryTake())).containsExactly("stays", "also", "stays");
            assertCount(0);
            assertThat(leaves.unacknowledged()).isZero();
            channel.raise(leaves); // its object is going away
            assertCount(0);
        }
    }

    @Test
    @DisplayName(
            "§1.3 withdrawing under readers' hands: what is left comes to exactly one of them, and none waits in vain")
    void withdrawAgainstReaders() throws Throwable {
        EventSource<String> stays = new EventSource<>("stays");
        int rounds = 3_000;
        AtomicInteger taken = new AtomicInteger();
        List<Deadline.Running> readers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            readers.add(Deadline.start("reads, " + i, () -> {
                String event;
                while ((event = channel.take(-1, TimeUnit.SECONDS, "getEvent")) != null) {
                    if (event.equals("stays")) {
                        taken.incrementAndGet();
                    }
                }
            }));
        }
        for (int i = 0; i < rounds; i++) {
            EventSource<String> leaves = new EventSource<>("leaves");
            channel.raise(leaves);
            channel.raise(stays);
            channel.raise(leaves);
            channel.withdraw(leaves);
        }
        Deadline.await("all that stays is read", () -> taken.get() == rounds);
        for (Deadline.Running reader : readers) {
            Deadline.awaitBlocked(reader.thread());
        }
        assertCount(0);
        channel.wakeup("wakeup");
        for (Deadline.Running reader : readers) {
            reader.join();
        }
    }

    @Test
    @DisplayName("a closed channel drops what is raised, and refuses the rest with EBADF")
    void closed() {
        EventSource<String> source = new EventSource<>("source");
        channel.raise(source);
        int fd = channel.fd();
        channel.close();
        channel.close();
        assertThat(Descriptors.isOpen(fd)).isFalse();
        channel.raise(source);
        channel.withdraw(source);
        refused("tryGetEvent", Errno.EBADF, () -> tryTake());
        refused("getEvent", Errno.EBADF, () -> channel.take(-1, TimeUnit.SECONDS, "getEvent"));
        refused("wakeup", Errno.EBADF, () -> channel.wakeup("wakeup"));
        refused("fd", Errno.EBADF, channel::fd);
    }

    @Test
    @DisplayName(
            "§1.3 a gone device: what is unread is read, the last event last, then EIO; the descriptor stays readable")
    void disassociated() {
        EventSource<String> source = new EventSource<>("source");
        EventSource<String> leaves = new EventSource<>("leaves");
        channel.raise(source);
        channel.raise(leaves);
        channel.disassociate(new EventSource<>("last"));
        channel.raise(source);
        channel.disassociate(source);
        assertThat(channel.size()).isEqualTo(3);
        channel.withdraw(leaves);
        assertThat(tryTake()).isEqualTo("source");
        assertThat(channel.take(-1, TimeUnit.SECONDS, "getEvent")).isEqualTo("last");
        for (int i = 0; i < 3; i++) {
            refused("tryGetEvent", Errno.EIO, () -> tryTake());
            refused("getEvent", Errno.EIO, () -> channel.take(-1, TimeUnit.SECONDS, "getEvent"));
            assertThat(Descriptors.eventCount(channel.fd())).isEqualTo(1);
        }
        channel.wakeup("wakeup");
        refused("getEvent", Errno.EIO, () -> channel.take(-1, TimeUnit.SECONDS, "getEvent"));
        channel.close();
        refused("tryGetEvent", Errno.EBADF, () -> tryTake());
    }

    @Test
    @DisplayName("§1.3 a device that goes while events are raised and read: all that was raised is read, then EIO")
    void disassociatedUnderReaders() throws Throwable {
        for (int round = 0; round < 500; round++) {
            EventChannel<String> one = new EventChannel<>("one", "test");
            EventSource<String> source = new EventSource<>("source");
            AtomicInteger taken = new AtomicInteger();
            List<Deadline.Running> readers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                readers.add(Deadline.start(
                        "reads, " + i,
                        () -> refused("getEvent", Errno.EIO, () -> {
                            while (true) {
                                assertThat(one.take(-1, TimeUnit.SECONDS, "getEvent"))
                                        .isNotNull();
                                taken.incrementAndGet();
                            }
                        })));
            }
            for (int i = 0; i < 20; i++) {
                one.raise(source);
            }
            one.disassociate(new EventSource<>("last"));
            for (Deadline.Running reader : readers) {
                reader.join();
            }
            assertThat(taken).hasValue(21);
            assertThat(Descriptors.eventCount(one.fd())).isEqualTo(1);
            one.close();
        }
    }

    @Test
    @DisplayName("a pending wake-up ends one wait; an event that is there comes first and leaves it pending")
    void pendingWakeup() {
        EventSource<String> source = new EventSource<>("source");
        channel.wakeup("wakeup");
        channel.raise(source);
        assertThat(channel.take(-1, TimeUnit.SECONDS, "getEvent")).isEqualTo("source");
        assertThat(channel.take(-1, TimeUnit.SECONDS, "getEvent")).isNull();
        assertThat(channel.take(1, TimeUnit.MILLISECONDS, "getEvent")).isNull();
    }

    @Test
    @DisplayName("an event and a wake-up in the same moment: the waiter gets both, in either order")
    void wakeupWithEvent() throws Throwable {
        EventSource<String> source = new EventSource<>("source");
        int rounds = 500;
        AtomicInteger taken = new AtomicInteger();
        AtomicInteger woken = new AtomicInteger();
        Deadline.Running reader = Deadline.start("reads", () -> {
            while (taken.get() < rounds || woken.get() < rounds) {
                boolean some = channel.take(-1, TimeUnit.SECONDS, "getEvent") != null;
                (some ? taken : woken).incrementAndGet();
            }
        });
        for (int i = 1; i <= rounds; i++) {
            int round = i;
            channel.raise(source);
            channel.wakeup("wakeup");
            Deadline.await("both, " + i, () -> taken.get() == round && woken.get() == round);
        }
        reader.join();
    }

    @Test
    @DisplayName("§1.3 who writes to the descriptor from outside keeps nobody awake: a wait takes it back")
    void strayCount() {
        com.sun.jna.Function write = com.sun.jna.Function.getFunction("c", "eventfd_write");
        assertThat(write.invokeInt(new Object[] {channel.fd(), 3L})).isZero();
        assertThat(channel.take(10, TimeUnit.MILLISECONDS, "getEvent")).isNull();
        assertCount(0);
        channel.raise(new EventSource<>("source"));
        assertCount(1);
        assertThat(tryTake()).isEqualTo("source");
        assertCount(0);
    }

    @Test
    @DisplayName("§1.5 acknowledging more than was read is refused and changes nothing")
    void overAcknowledge() {
        EventSource<String> source = new EventSource<>("source");
        refused("ackEvents", Errno.EINVAL, () -> source.acknowledge(1, "ackEvents"));
        channel.raise(source);
        refused("ackEvents", Errno.EINVAL, () -> source.acknowledge(1, "ackEvents"));
        assertThat(tryTake()).isEqualTo("source");
        refused("ackEvents", Errno.EINVAL, () -> source.acknowledge(2, "ackEvents"));
        refused("ackEvents", Errno.EINVAL, () -> source.acknowledge(-1, "ackEvents"));
        assertThat(source.unacknowledged()).isEqualTo(1);
        source.acknowledge(1, "ackEvents");
        assertThat(source.unacknowledged()).isZero();
    }
}
