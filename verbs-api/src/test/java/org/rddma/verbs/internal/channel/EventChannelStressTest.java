package org.rddma.verbs.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.rddma.verbs.internal.os.PollSet;

@Timeout(60)
class EventChannelStressTest {
    private static final int EVENTS = 20_000;

    private EventChannel<String> channel;

    @BeforeEach
    void open() {
        channel = new EventChannel<>("channel", "test");
    }

    @AfterEach
    void close() {
        channel.close();
    }

    private boolean isReadable() {
        PollSet set = new PollSet(1);
        set.set(0, channel.fd());
        return set.poll(0) > 0;
    }

    /** Spins, for others are at it at once; and gives the processor up when they are not, for lack of one. */
    private static void pause(int spins) {
        if (spins < 10_000) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    @Test
    @DisplayName("§1.3 readable exactly while an event is unread, whoever raced: two raise, one takes")
    void readable() throws Exception {
        AtomicInteger taken = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int raiser = 0; raiser < 2; raiser++) {
            EventSource<String> source = new EventSource<>("source");
            threads.add(new Thread(() -> {
                for (int i = 0; i < EVENTS; i++) {
                    for (int spins = 0; channel.size() > 0; spins++) { // so that signals are on the way meanwhile
                        pause(spins);
                    }
                    channel.raise(source);
                }
            }));
        }
        // one taker that never waits: those that wait, or find another was faster, empty the descriptor by the way
        threads.add(new Thread(() -> {
            int spins = 0;
            while (taken.get() < 2 * EVENTS) {
                if (channel.tryTake("test") != null) {
                    taken.incrementAndGet();
                    spins = 0;
                } else {
                    pause(spins++);
                }
            }
        }));
        threads.forEach(thread -> thread.setDaemon(true));
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(taken).hasValue(2 * EVENTS);
        assertThat(channel.size()).isZero();
        assertThat(isReadable()).isFalse();
        EventSource<String> last = new EventSource<>("last");
        channel.raise(last);
        assertThat(isReadable()).isTrue();
        assertThat(channel.tryTake("test")).isEqualTo("last");
        assertThat(isReadable()).isFalse();
    }

    /** Reads the descriptor as a program could that does not know this library. */
    private void readAsStranger() {
        try (Memory value = new Memory(Long.BYTES)) {
            Object[] arguments = {channel.fd(), value, (long) Long.BYTES};
            assertThat(NativeLibrary.getInstance("c").getFunction("read").invokeInt(arguments))
                    .isEqualTo(Long.BYTES);
        }
    }

    @Test
    @DisplayName("a descriptor that a stranger has read announces the next event all the same")
    void strangerReads() {
        EventSource<String> source = new EventSource<>("source");
        channel.raise(source);
        readAsStranger();
        assertThat(channel.tryTake("test")).isEqualTo("source");
        channel.raise(source);
        assertThat(isReadable()).isTrue();
        assertThat(channel.tryTake("test")).isEqualTo("source");
        assertThat(isReadable()).isFalse();
    }
}
