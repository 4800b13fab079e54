package org.rddma.verbs.internal.channel;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** Two consumers take one event. */
@JCStressTest
@Outcome(id = "event, none, empty", expect = ACCEPTABLE, desc = "the first was faster")
@Outcome(id = "none, event, empty", expect = ACCEPTABLE, desc = "the second was faster")
@Outcome(
        expect = FORBIDDEN,
        desc = "an event is lost or doubled, or the descriptor is not readable exactly while an event is unread")
@State
public class TwoTakes {
    private final EventSource<String> source = new EventSource<>("event");
    private final EventChannel<String> channel = Channels.openWith(source);

    /** One consumer. */
    @Actor
    public void first(LLL_Result result) {
        result.r1 = Channels.tryTake(channel);
    }

    /** Another. */
    @Actor
    public void second(LLL_Result result) {
        result.r2 = Channels.tryTake(channel);
    }

    /** What is left. */
    @Arbiter
    public void rest(LLL_Result result) {
        result.r3 = Channels.rest(channel, source);
    }
}
