package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.rddma.verbs.AsyncEvent;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Context;

/** What suites have in common that make something happen to the device. */
public abstract class FaultConformance extends DeviceConformance {
    /** The device's faults. */
    protected DeviceFaults faults;

    @BeforeEach
    final void findFaults() {
        Assumptions.assumeTrue(faults().isPresent(), "nothing can be made to happen to this provider's device");
        faults = faults().get();
    }

    /** The next event of a context is about its port, or where that is 0, about the device. */
    protected static void assertAsyncEvent(Context of, AsyncEventType type, int port) {
        AsyncEvent event = of.asyncEvents().getEvent(Deadline.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        assertThat(event).as("there must be an event").isNotNull();
        assertThat(event.type()).isEqualTo(type);
        assertThat(event.port()).isEqualTo(port);
        assertThat(event.completionQueue()).isNull();
        assertThat(event.queuePair()).isNull();
        assertThat(event.sharedReceiveQueue()).isNull();
        event.acknowledge();
        event.acknowledge(); // no-op, so as often as one likes
    }

    /** A connected pair, the first end on the device, the second on the other device. */
    protected final Pair across(EndSpec spec, Wiring wiring) {
        Pair pair = new Pair(new End(context, spec), new End(openOtherDevice(), spec));
        if (spec.type == org.rddma.verbs.QueuePairType.UD) {
            wiring.activate(pair.a().pair);
            wiring.activate(pair.b().pair);
        } else {
            wiring.connect(pair.a(), pair.b());
        }
        return pair;
    }
}
