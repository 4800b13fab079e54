package org.rddma.verbs.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.rddma.verbs.NotificationType;

/** What futures can be told. */
final class FutureOptionsTest {
    private static WaitOptions polling(long spinMillis, long yieldMillis) {
        return new WaitOptions(Duration.ofMillis(spinMillis), Duration.ofMillis(yieldMillis), NotificationType.ANY);
    }

    @Test
    @DisplayName("the dispatching thread polls no longer than 100 ms: it attaches and closes between two waits only")
    void polls() {
        assertThat(FutureOptions.DEFAULT.withWaiting(polling(40, 60)).waiting()).isEqualTo(polling(40, 60));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FutureOptions.DEFAULT.withWaiting(polling(41, 60)))
                .withMessageContaining("100 ms");
        WaitOptions aDay = new WaitOptions(Duration.ofDays(1), Duration.ZERO, NotificationType.ANY);
        assertThatIllegalArgumentException().isThrownBy(() -> FutureOptions.DEFAULT.withWaiting(aDay));
    }
}
