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

    /** Who polls does not see what other threads want of him. */
    static final Duration LONGEST_SHARED_POLL = Duration.ofMillis(100);

    public WaitOptions {
        if (spin == null || yield == null || notification == null) {
            throw new IllegalArgumentException("spin, yield and notification must not be null");
        }
        if (isOutside(spin) || isOutside(yield)) {
            throw new IllegalArgumentException("spin and yield may be 0 to 1 day, not " + spin + " and " + yield);
        }
    }

    /** Whether a thread that others must be able to wake may not wait like this. */
    boolean isTooDeaf() {
        return spin.plus(yield).compareTo(LONGEST_SHARED_POLL) > 0;
    }

    private static boolean isOutside(Duration duration) {
        return duration.isNegative() || duration.compareTo(Duration.ofDays(1)) > 0;
    }
}
