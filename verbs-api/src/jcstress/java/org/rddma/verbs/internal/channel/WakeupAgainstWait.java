package org.rddma.verbs.internal.channel;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** A wait begins while another thread ends it. */
@JCStressTest
@Outcome(id = "woken, empty", expect = ACCEPTABLE, desc = "woken, by the wake-up itself or by the one that was pending")
@Outcome(id = "asleep, empty", expect = FORBIDDEN, desc = "the wake-up is lost")
@Outcome(
        expect = FORBIDDEN,
        desc = "an event is lost or doubled, or the descriptor is not readable exactly while an event is unread")
@State
public class WakeupAgainstWait {
    private final EventSource<String> source = new EventSource<>("event");
    private final EventChannel<String> channel = Channels.open();

    /** Who wants the consumer back. */
    @Actor
    public void wakeup() {
        channel.wakeup("wakeup");
    }

    /** The consumer. */
    @Actor
    public void await(LL_Result result) {
        result.r1 = Channels.await(channel);
    }

    /** What is left. */
    @Arbiter
    public void rest(LL_Result result) {
        result.r2 = Channels.rest(channel, source);
    }
}
