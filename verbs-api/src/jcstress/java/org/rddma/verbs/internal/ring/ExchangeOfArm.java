package org.rddma.verbs.internal.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Two that have appended look at one arm. */
@JCStressTest
@Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the first raises the event")
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the second raises the event")
@Outcome(id = "true, true", expect = FORBIDDEN, desc = "two events for one arm")
@Outcome(id = "false, false", expect = FORBIDDEN, desc = "an arm without an event")
@State
public class ExchangeOfArm {
    private final CompletionRing ring = armed();

    private static CompletionRing armed() {
        CompletionRing ring = Entries.ring(2, "AB");
        ring.arm(CompletionRing.ARMED_ANY);
        return ring;
    }

    /** One of them. */
    @Actor
    public void first(ZZ_Result result) {
        result.r1 = ring.takeArm(false);
    }

    /** The other. */
    @Actor
    public void second(ZZ_Result result) {
        result.r2 = ring.takeArm(true);
    }
}
