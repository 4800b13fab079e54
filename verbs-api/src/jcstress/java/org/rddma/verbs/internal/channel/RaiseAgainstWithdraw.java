package org.rddma.verbs.internal.channel;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** An event is raised while those of its source are withdrawn. */
@JCStressTest
@Outcome(id = "one event", expect = ACCEPTABLE, desc = "raised behind the withdrawal")
@Outcome(id = "empty", expect = ACCEPTABLE, desc = "withdrawn, with its signal")
@Outcome(
        expect = FORBIDDEN,
        desc = "an event is lost or doubled, or the descriptor is not readable exactly while an event is unread")
@State
public class RaiseAgainstWithdraw {
    private final EventSource<String> source = new EventSource<>("event");
    private final EventChannel<String> channel = Channels.open();

    /** The device. */
    @Actor
    public void raise() {
        channel.raise(source);
    }

    /** Who closes the queue that the event is about. */
    @Actor
    public void withdraw() {
        channel.withdraw(source);
    }

    /** What is left. */
    @Arbiter
    public void rest(L_Result result) {
        result.r1 = Channels.rest(channel, source);
    }
}
