package org.rddma.verbs.internal.channel;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** A wait begins while another thread closes the channel. */
@JCStressTest
@Outcome(id = "EBADF", expect = ACCEPTABLE, desc = "the wait ends, or does not begin")
@Outcome(id = "asleep", expect = FORBIDDEN, desc = "the waiter was not woken, and close waited for it in vain")
@Outcome(expect = FORBIDDEN, desc = "a wait on a closed channel ends with another thing than EBADF")
@State
public class CloseAgainstWait {
    private final EventChannel<String> channel = Channels.open();

    /** Who closes. */
    @Actor
    public void close() {
        channel.close();
    }

    /** The consumer. */
    @Actor
    public void await(L_Result result) {
        result.r1 = Channels.await(channel);
    }
}
