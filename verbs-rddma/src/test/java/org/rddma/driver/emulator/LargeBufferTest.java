package org.rddma.driver.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.conformance.Deadline;

/** Memory that takes its time is made while other commands are carried out. */
class LargeBufferTest {
    private static final EmulatorLimits LIMITS = EmulatorLimits.defaults().withBuffers(4, 32 << 20);
    private static final String SIXTEEN_MEGABYTES = "smb_create://a.k.l:1000000?request(1)";

    private final CoreBench driver = CoreBench.limited(LIMITS);

    @BeforeEach
    void twoLocations() {
        driver.ok("location_create://l?default_ops(private)", "location_create://k.l");
    }

    @AfterEach
    void end() {
        driver.close();
    }

    @Test
    void othersAreAnsweredWhileALargeBufferIsMade() {
        CoreBench.Asked large = driver.send(SIXTEEN_MEGABYTES);
        CoreBench.Asked other = driver.send("smb_create://b.l:1000");

        assertThat(large.answered()).isFalse();
        assertThat(other.result()).isZero();
        assertThat(driver.await(large).reply()).isEqualTo("smb_create://a.k.l#0:1000000?result(0),reply(1)");
        assertThat(driver.code("smb_find://a.k.l")).isZero();
    }

    @Test
    void othersAreAnsweredWhileRoomIsLookedFor() {
        driver.ok("smb_create://a.l:1800000", "smb_delete://a.l");

        CoreBench.Asked first = driver.send("smb_create://b.l:1000000");
        CoreBench.Asked second = driver.send("smb_create://c.l:c00000");
        assertThat(driver.send("smb_find://a.l").result()).isEqualTo(1);

        assertThat(first.answered()).isFalse();
        assertThat(second.answered()).isFalse();
        assertThat(driver.await(first).result()).isZero();
        assertThat(driver.await(second).result()).isZero();
    }

    @Test
    void oneNameIsGivenOnce() {
        CoreBench.Asked first = driver.send(SIXTEEN_MEGABYTES);
        driver.ok("smb_create://a.k.l:1000");

        assertThat(driver.await(first).reply()).isEqualTo("smb_create://a.k.l?result(-17),reply(1)");
        driver.ok("smb_delete://a.k.l", SIXTEEN_MEGABYTES, "smb_create://b.l:1", "smb_create://c.l:1");
    }

    @Test
    void aLocationThatIsGoneMeanwhileGetsNone() {
        CoreBench.Asked large = driver.send(SIXTEEN_MEGABYTES);
        driver.ok("location_delete://k.l", "location_create://k.l");

        assertThat(driver.await(large).reply()).isEqualTo("smb_create://a.k.l?result(-19),reply(1)");
        assertThat(driver.code("smb_find://a.k.l")).isEqualTo(1);
    }

    @Test
    void aDriverThatEndsMeanwhileKeepsNoMemory() {
        long before = Descriptors.memories();
        CoreBench.Asked large = driver.send(SIXTEEN_MEGABYTES);
        Deadline.await("it is made", () -> Descriptors.memories() > before);

        driver.close();

        driver.runDue();
        assertThat(large.answered()).isFalse();
        assertThat(Descriptors.memories()).isEqualTo(before);
    }
}
