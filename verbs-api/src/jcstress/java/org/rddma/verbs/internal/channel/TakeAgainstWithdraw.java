package org.rddma.verbs.internal.channel;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** A consumer takes an event that is being withdrawn. */
@JCStressTest
@Outcome(id = "event, empty", expect = ACCEPTABLE, desc = "taken before it was withdrawn")
@Outcome(id = "none, empty", expect = ACCEPTABLE, desc = "withdrawn before it was taken")
@Outcome(
        expect = FORBIDDEN,
        desc = "an event is lost or doubled, or the descriptor is not readable exactly while an event is unread")
@State
public class TakeAgainstWithdraw {
    private final EventSource<String> source = new EventSource<>("event");
    private final EventChannel<String> channel = Channels.openWith(source);

    /** The consumer. */
    @Actor
    public void take(LL_Result result) {
        result.r1 = Channels.tryTake(channel);
    }

    /** Who closes the queue that the event is about. */
    @Actor
    public void withdraw() {
        channel.withdraw(source);
    }

    /** What is left. */
    @Arbiter
    public void rest(LL_Result result) {
        result.r2 = Channels.rest(channel, source);
    }
}
