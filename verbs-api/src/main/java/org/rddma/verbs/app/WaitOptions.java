package org.rddma.verbs.app;

import java.time.Duration;
import org.rddma.verbs.NotificationType;

/**
 * How a {@link CompletionWaiter} passes its time.
 *
 * @param spin how long to poll without pause before anything else
 * @param yield how long to poll on, giving the processor away in between
 * @param notification for which completions to be woken once asleep
 */
public record WaitOptions(Duration spin, Duration yield, NotificationType notification) {
    /** Sleep at once: no processor time, the latency of a wake-up. */
    public static final WaitOptions SLEEP = new WaitOptions(Duration.ZERO, Duration.ZERO, NotificationType.ANY);

    /** Poll for 20 microseconds, yield for 50, then sleep. */
    public static final WaitOptions ADAPTIVE =
            new WaitOptions(Duration.ofNanos(20_000), Duration.ofNanos(50_000), NotificationType.ANY);

    // nothing may be null or negative
    public WaitOptions {
        if (spin.isNegative() || yield.isNegative() || notification == null) {
            throw new IllegalArgumentException("spin and yield must not be negative, notification not null");
        }
    }
}
