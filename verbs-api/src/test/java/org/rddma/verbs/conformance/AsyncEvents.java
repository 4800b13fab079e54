package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.rddma.verbs.AsyncEvent;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Context;

/** Asynchronous events, with a deadline. A device may say that a connection is established, or be silent about it. */
public final class AsyncEvents {
    private AsyncEvents() {}

    /** The next event, which must come soon and be of this type; it is not acknowledged. */
    public static AsyncEvent next(Context context, AsyncEventType type) {
        AsyncEvent event;
        do {
            event = context.asyncEvents().getEvent(Deadline.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            assertThat(event).as("an event: %s", type).isNotNull();
        } while (isAcknowledgedNoise(event));
        assertThat(event.type()).isEqualTo(type);
        return event;
    }

    /** There is no event now, and none comes within the device's settling time. */
    public static void none(DeviceUnderTest device, Context context) {
        AsyncEvent event;
        do {
            event = context.asyncEvents().getEvent(device.settleTime().toMillis(), TimeUnit.MILLISECONDS);
        } while (event != null && isAcknowledgedNoise(event));
        assertThat(event).as("there must be no event").isNull();
    }

    private static boolean isAcknowledgedNoise(AsyncEvent event) {
        boolean noise = event.type() == AsyncEventType.COMM_EST;
        if (noise) {
            event.acknowledge();
        }
        return noise;
    }
}
