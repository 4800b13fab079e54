package org.rddma.verbs.spi;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** An armed queue is closed while work completes in it. */
@JCStressTest
@Outcome(id = "0", expect = ACCEPTABLE, desc = "nothing of a closed queue is left in the channel")
@Outcome(expect = FORBIDDEN, desc = "an event names a queue that is closed")
@State
public class CloseAgainstCompletion {
    private final Queues queues = Queues.armed();

    /** The device. */
    @Actor
    public void complete() {
        boolean unused = queues.complete(0);
    }

    /** Who closes the queue. */
    @Actor
    public void close() {
        queues.completer.close();
    }

    /** What was raised. */
    @Arbiter
    public void events(I_Result result) {
        result.r1 = queues.events();
    }
}
