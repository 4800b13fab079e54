package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When one end dies the other one stops, spinning or asleep. */
@Timeout(60)
class DuoTest {
    private final Control control = new Control();

    @Test
    void aSpinningEndStopsWhenTheOtherDies() {
        try (Duo duo = new Duo(control, List.of(), new ProgressLine(null))) {
            assertThatThrownBy(() -> duo.run(
                            () -> {
                                throw new RunFailedException("first");
                            },
                            () -> {
                                while (!control.isAnyOf(Control.FAILED)) {
                                    Thread.onSpinWait();
                                }
                            }))
                    .hasMessage("first");
        }
    }

    @Test
    void aSleepingEndIsWoken() {
        CountDownLatch woken = new CountDownLatch(1);
        try (Duo duo = new Duo(control, List.of(), new ProgressLine(null))) {
            duo.onEnd(woken::countDown);
            assertThatThrownBy(() -> duo.run(
                            () -> {
                                try {
                                    assertThat(woken.await(30, TimeUnit.SECONDS))
                                            .isTrue();
                                } catch (InterruptedException e) {
                                    throw new AssertionError(e);
                                }
                            },
                            () -> {
                                throw new AssertionError("an Error too");
                            }))
                    .isInstanceOf(AssertionError.class)
                    .hasMessage("an Error too");
        }
    }

    @Test
    void aPhaseAfterAFailureRuns() {
        try (Duo duo = new Duo(control, List.of(), new ProgressLine(null))) {
            assertThatThrownBy(() -> duo.run(
                            () -> {
                                throw new RunFailedException("once");
                            },
                            () -> {}))
                    .isInstanceOf(RunFailedException.class);
            duo.run(() -> {}, () -> {});
        }
    }

    @Test
    void progressIsForLongRunsOnTerminals() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ProgressLine line = new ProgressLine(new PrintStream(bytes, true, StandardCharsets.UTF_8));

        line.show(TimeUnit.SECONDS.toNanos(1), 5);
        line.clear();
        assertThat(bytes.size()).isZero();
        line.show(TimeUnit.SECONDS.toNanos(3), 1234);
        assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("3 s, 1,234 messages");
        line.clear();
        assertThat(bytes.toString(StandardCharsets.UTF_8)).endsWith("\r");
    }

    @Test
    void aProcessorThatIsNotThereIsWrongUsage() {
        assertThat(Cli.loopback("send_lat -n 5 --pin_cores 0,1023").status()).isEqualTo(2);
    }
}
