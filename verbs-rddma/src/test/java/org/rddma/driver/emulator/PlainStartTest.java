package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** The short way of a start says what the long way says. */
class PlainStartTest {
    @Provide
    Arbitrary<String> starts() {
        return Arbitraries.frequencyOf(
                        Tuple.of(8, Arbitraries.of("e", ".l", ".l", "?request(", ")", "7f", "a.l")),
                        Tuple.of(1, Arbitraries.of("#", ":", ",", "(", "?", "0x", "..", " ", "reply", "é", "=", "/")))
                .list()
                .ofMaxSize(7)
                .map(parts -> "event_start://" + String.join("", parts));
    }

    @Property(tries = 3000)
    void everyStartIsAnsweredAlikeOnBothWays(@ForAll("starts") String text) {
        try (CoreBench driver = CoreBench.relaxed()) {
            prepare(driver);
            String reply = driver.ask(text);
            String longWay = driver.ask(longWay(text));
            assertThat(reply).isEqualTo(longWay);
        }
    }

    /** The text itself where it goes the long way; otherwise an option of no meaning sends it there. */
    private static String longWay(String text) {
        boolean plain = PlainStart.read(text, null) != null;
        return plain ? text + (text.contains("?") ? ",of(x)" : "?of(x)") : text;
    }

    private static void prepare(CoreBench driver) {
        driver.ok("location_create://l?default_ops(private)", "location_create://a.l");
        driver.ok("xfer_create://x.l", "smb_create://s.l:8");
        driver.ok("bind_create://x.l:8/s.l?event_name(e)=s.l?event_name(e)");
    }

    @Property(tries = 1)
    void theShortWayIsTaken() {
        assertThat(PlainStart.read("event_start://q1_d3.verbs?request(1f)", null))
                .isNotNull();
        assertThat(PlainStart.read("event_start://q1_d3.me.verbs", null)).isNotNull();
        assertThat(PlainStart.read("event_start://q1_d3", null)).isNull();
        assertThat(PlainStart.read("event_start://q1.v?request()", null)).isNull();
    }
}
