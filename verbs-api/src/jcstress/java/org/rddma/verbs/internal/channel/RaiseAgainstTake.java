package org.rddma.verbs.internal.channel;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** An event is raised while a consumer takes one without waiting. */
@JCStressTest
@Outcome(id = "none, one event", expect = ACCEPTABLE, desc = "looked before the event was there")
@Outcome(id = "event, empty", expect = ACCEPTABLE, desc = "taken, with its signal")
@Outcome(
        expect = FORBIDDEN,
        desc = "an event is lost or doubled, or the descriptor is not readable exactly while an event is unread")
@State
public class RaiseAgainstTake {
    private final EventSource<String> source = new EventSource<>("event");
    private final EventChannel<String> channel = Channels.open();

    /** The device. */
    @Actor
    public void raise() {
        channel.raise(source);
    }

    /** The consumer. */
    @Actor
    public void take(LL_Result result) {
        result.r1 = Channels.tryTake(channel);
    }

    /** What is left. */
    @Arbiter
    public void rest(LL_Result result) {
        result.r2 = Channels.rest(channel, source);
    }
}
