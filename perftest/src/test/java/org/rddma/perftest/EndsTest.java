package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two connected ends, looked at from inside. */
@Timeout(240)
class EndsTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Would catch an end that goes on waiting for one that is dead, and a failure that does not say what failed. */
    @ParameterizedTest
    @CsvSource({
        "WRITE_LAT, false, REM_ACCESS_ERR, rdma-write",
        "READ_LAT, false, REM_ACCESS_ERR, rdma-read",
        "SEND_LAT, false, _ERR, ''",
        "SEND_LAT, true, _ERR, ''",
        "SEND_BW, true, _ERR, ''",
        "WRITE_BW, false, REM_ACCESS_ERR, rdma-write"
    })
    void aFailedCompletionEndsTheRun(TestKind kind, boolean events, String status, String opcode) {
        withEnds(kind, events, (run, server) -> {
            server.receiveRegion.close();

            assertThatThrownBy(run::run)
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContaining("a work request failed: ")
                    .hasMessageContaining(status)
                    .hasMessageContaining("opcode " + opcode)
                    .hasMessageContaining("queue pair 0x");
        });
    }

    /** Would catch garbage in a loop: 100000 messages of 16 bytes each would be 1.6 MB. */
    @ParameterizedTest
    @CsvSource({
        "SEND_LAT, false",
        "SEND_LAT, true",
        "WRITE_LAT, false",
        "READ_LAT, false",
        "ATOMIC_LAT, false",
        "SEND_BW, false",
        "SEND_BW, true",
        "WRITE_BW, false"
    })
    void loopsMakeNoGarbage(TestKind kind, boolean events) {
        withEnds(kind, events, (run, server) -> {
            run.run();
            run.run();
            List<Thread> ends = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("perftest-"))
                    .toList();
            assertThat(ends).hasSizeGreaterThanOrEqualTo(2);
            long least = Long.MAX_VALUE;
            for (int i = 0; i < 4 && least >= 200_000; i++) { // the compiler may still be at work at first
                long before = allocated(ends);
                run.run();
                least = Math.min(least, allocated(ends) - before);
            }
            assertThat(least).isLessThan(200_000);
        });
    }

    /** Would catch who is told to end (Ctrl-C) just when all is over, and loses the report to an end that is closed. */
    @Test
    void anEndThatIsClosedMayBeWoken() {
        withEnds(TestKind.SEND_LAT, true, (run, server) -> {
            server.close();

            assertThatCode(server::wakeup).doesNotThrowAnyException();
        });
    }

    private static long allocated(List<Thread> threads) {
        return threads.stream()
                .mapToLong(thread -> THREADS.getThreadAllocatedBytes(thread.getId()))
                .sum();
    }

    private static void withEnds(TestKind kind, boolean events, BiConsumer<Runnable, Side> body) {
        TestOptions options = new TestOptions();
        options.loopback = true;
        options.events = events;
        options.noPeak = !kind.latency;
        options.size = kind.verb == Verb.ATOMIC ? 8 : 64;
        Settings settings = Settings.of(kind, options);
        Control control = new Control();
        PhaseLength length = PhaseLength.ofMessages(events ? 20_000 : 100_000);
        try (Duo duo = new Duo(control, List.of(), new ProgressLine(null));
                LoopbackStage stage = new LoopbackStage(settings, control, duo)) {
            stage.prepare(settings.size);
            body.accept(() -> stage.run(length), stage.server());
        }
    }
}
