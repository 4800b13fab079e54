package org.rddma.perftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.perftest.FakeClient.connected;
import static org.rddma.perftest.FakeClient.serverWith;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rddma.verbs.conformance.Deadline;
import org.rddma.verbs.conformance.HangGuard;

/** What the other end may say of a phase, and may leave out: no figure is invented, and no phase waits for ever. */
@HangGuard(seconds = 60)
class PhaseNewsTest {
    private static final String[] NOTHING_MOVED = {
        News.PHASE, "1", "sent", "0", "sent.nanos", "NaN", "received", "0", "received.nanos", "NaN"
    };

    private static boolean isAlive(String thread) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(alive -> alive.getName().equals(thread));
    }

    private static void assertSaysThatTheOtherEnded(TwoEnds.Ended server) {
        assertThat(server.failure())
                .isInstanceOf(RunFailedException.class)
                .hasMessage("the other end has ended before this one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-n 50", "-n 50 -e"})
    void aFarewellInTheMiddleOfAPhaseEndsTheRun(String options) throws Exception {
        assertSaysThatTheOtherEnded(serverWith(
                options,
                client -> connected(client, fake -> {
                    fake.say(News.READY, News.PHASE, "1");
                    Deadline.await("the phase", () -> isAlive("perftest-server"));
                    fake.say(News.BYE);
                    fake.awaitEnd();
                })));
    }

    /** What it says is all there when the server looks for the first time. */
    @ParameterizedTest
    @ValueSource(strings = {"-n 50", "-n 50 -e"})
    void aFarewellRightBeforeAPhaseEndsTheRun(String options) throws Exception {
        assertSaysThatTheOtherEnded(serverWith(
                TestKind.SEND_LAT,
                options,
                () -> Deadline.await("the farewell", () -> !isAlive("perftest-hearer")),
                client -> connected(client, fake -> {
                    fake.say(News.READY, News.PHASE, "1");
                    fake.say(News.BYE);
                    fake.awaitEnd();
                })));
    }

    @ParameterizedTest
    @CsvSource({
        "sent.nanos, NaN, does not say how long it took to send",
        "sent.nanos, 0, nothing sensible about 'sent.nanos'",
        "sent.nanos, -1, nothing sensible about 'sent.nanos'",
        "sent.nanos, Infinity, nothing sensible about 'sent.nanos'",
        "sent.nanos, soon, nothing sensible about 'sent.nanos'",
        "sent, -1, nothing sensible about 'sent'",
        "received, x, nothing sensible about 'received'"
    })
    void figuresThatMakeNoSenseEndTheRun(String key, String value, String sentence) throws Exception {
        Map<String, String> figures = new HashMap<>(Map.of(News.KIND, News.FIGURES.name(), News.PHASE, "1"));
        figures.putAll(Map.of("sent", "5", "sent.nanos", "5000", "received", "0", "received.nanos", "NaN"));
        figures.put(key, value);
        TwoEnds.Ended server = serverWith(
                TestKind.WRITE_BW,
                "-n 50 -s 64",
                () -> {},
                client -> connected(client, fake -> {
                    fake.say(News.READY, News.PHASE, "1");
                    fake.say(figures);
                    fake.awaitEnd();
                }));

        assertThat(server.failure()).isInstanceOf(RunFailedException.class).hasMessageContaining(sentence);
    }

    @Test
    void whoHasSentNothingHasNoDurationAndWhoHasReceivedNeedsNone() {
        Map<String, String> figures =
                Map.of("sent", "0", "sent.nanos", "NaN", "received", "5", "received.nanos", "NaN");

        assertThat(TransferFacts.read("sent", figures).messages()).isZero();
        assertThat(TransferFacts.read("received", figures).messages()).isEqualTo(5);
    }

    /** The server's own datagrams go nowhere, and are sent all the same. */
    @Test
    void oneDirectionAloneIsNotReportedAsBoth() throws Exception {
        TwoEnds.Ended server = serverWith(
                TestKind.SEND_BW,
                "-n 50 -s 64 -b -c UD",
                () -> {},
                client -> connected(client, fake -> {
                    fake.say(News.READY, News.PHASE, "1");
                    fake.awaitNews(News.READY, 1); // before, it would not know of the phase
                    fake.say(News.DONE, News.PHASE, "1", News.MESSAGES, "0");
                    fake.say(News.FIGURES, NOTHING_MOVED);
                    fake.say(News.READY, News.PHASE, "2");
                    fake.awaitNews(News.DONE, 2);
                    fake.say(News.INTERRUPTED);
                    fake.say(News.BYE);
                    fake.awaitEnd();
                }));

        assertThat(server.failure()).isNull();
        assertThat(server.interruption()).isEqualTo("interrupted at the other end");
        assertThat(server.out())
                .contains("the run was interrupted at the other end")
                .doesNotContainPattern("(?m)^ 64 ");
    }
}
