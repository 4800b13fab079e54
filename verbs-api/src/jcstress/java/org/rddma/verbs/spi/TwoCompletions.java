package org.rddma.verbs.spi;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Two queue pairs complete work in one armed queue. */
@JCStressTest
@Outcome(id = "1", expect = ACCEPTABLE, desc = "the first completion took the arm")
@Outcome(id = "0", expect = FORBIDDEN, desc = "an arm without an event")
@Outcome(id = "2", expect = FORBIDDEN, desc = "two events for one arm")
@State
public class TwoCompletions {
    private final Queues queues = Queues.armed();

    /** One queue pair. */
    @Actor
    public void first() {
        boolean unused = queues.complete(0);
    }

    /** The other. */
    @Actor
    public void second() {
        boolean unused = queues.complete(1);
    }

    /** What was raised. */
    @Arbiter
    public void events(I_Result result) {
        result.r1 = queues.events();
    }
}
