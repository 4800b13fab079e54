package org.rddma.verbs.spi;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** A consumer arms a queue and looks at it, while work completes in it. */
@JCStressTest
@Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "event and entry")
@Outcome(id = "false, 1", expect = ACCEPTABLE, desc = "armed before the entry was there")
@Outcome(id = "true, 0", expect = ACCEPTABLE, desc = "armed after it was there")
@Outcome(id = "false, 0", expect = FORBIDDEN, desc = "lost wake-up: the consumer saw nothing, and no event was raised")
@Outcome(expect = FORBIDDEN, desc = "more than one event for one arm")
@State
public class ArmAgainstCompletion {
    private final Queues queues = new Queues();

    /** The device. */
    @Actor
    public void complete() {
        boolean unused = queues.complete(0);
    }

    /** The consumer. */
    @Actor
    public void arm(ZI_Result result) {
        queues.arm();
        result.r1 = !queues.completer.ring().isEmpty();
    }

    /** What was raised. */
    @Arbiter
    public void events(ZI_Result result) {
        result.r2 = queues.events();
    }
}
