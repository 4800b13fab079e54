package org.rddma.verbs.internal.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** Two consumers poll a ring of three entries into arrays of two. */
@JCStressTest
@Outcome(id = "AB, C, none", expect = ACCEPTABLE, desc = "the first was faster")
@Outcome(id = "C, AB, none", expect = ACCEPTABLE, desc = "the second was faster")
@Outcome(expect = FORBIDDEN, desc = "a completion was handed out twice, never, torn or out of order")
@State
public class TwoConsumersOfBatches {
    private final CompletionRing ring = Entries.ring(4, "ABC");

    /** One consumer. */
    @Actor
    public void first(LLL_Result result) {
        result.r1 = Entries.poll(ring, 2);
    }

    /** Another. */
    @Actor
    public void second(LLL_Result result) {
        result.r2 = Entries.poll(ring, 2);
    }

    /** What is left. */
    @Arbiter
    public void rest(LLL_Result result) {
        result.r3 = Entries.poll(ring);
    }
}
