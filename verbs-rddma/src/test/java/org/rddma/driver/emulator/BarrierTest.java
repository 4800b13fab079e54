package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The counting barriers of the later driver. */
class BarrierTest {
    private final CoreBench driver = CoreBench.relaxed();

    @BeforeEach
    void barrierOfThree() {
        driver.ok("location_create://l?default_ops(private)");
        assertThat(driver.ask("sync_create://s.l#3")).isEqualTo("sync_create://s.l#3:0?result(0),reply(<NULL>)");
    }

    @AfterEach
    void end() {
        driver.close();
    }

    @Test
    void whoeverWaitsIsAnsweredWhenTheLastOneComes() {
        CoreBench.Asked first = driver.send("sync_wait://s.l?request(1)");
        CoreBench.Asked second = driver.send("sync_wait://s.l?request(2)");
        assertThat(first.answered()).isFalse();

        assertThat(driver.ask("sync_send://s.l?request(3)")).isEqualTo("sync_send://s.l#3:0?result(0),reply(3)");

        assertThat(first.reply()).isEqualTo("sync_wait://s.l#3:0?result(0),reply(1)");
        assertThat(second.result()).isZero();
        assertThat(driver.send("sync_wait://s.l").result())
                .as("nothing left to wait for")
                .isZero();
    }

    @Test
    void sendingNeverWaits() {
        assertThat(driver.ask("sync_send://s.l")).startsWith("sync_send://s.l#3:2?");
        assertThat(driver.ask("sync_find://s.l")).startsWith("sync_find://s.l#3:2?");
    }

    @Test
    void aBarrierThatHasComeDownIsRaisedByTheNextWhoSaysHowFar() {
        for (int time = 0; time < 3; time++) {
            driver.ok("sync_send://s.l");
        }

        CoreBench.Asked waiting = driver.send("sync_wait://s.l#2");

        assertThat(waiting.answered()).isFalse();
        driver.ok("sync_send://s.l#2");
        assertThat(waiting.result()).isZero();
    }

    @Test
    void deletingABarrierReleasesWhoeverWaits() {
        CoreBench.Asked waiting = driver.send("sync_wait://s.l");

        driver.ok("sync_delete://s.l");

        assertThat(waiting.result()).isEqualTo(-5);
    }
}
