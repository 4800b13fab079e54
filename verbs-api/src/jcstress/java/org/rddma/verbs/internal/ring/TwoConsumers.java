package org.rddma.verbs.internal.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** Two consumers, one of them a cursor, poll a ring of one entry. */
@JCStressTest
@Outcome(id = "A, none", expect = ACCEPTABLE, desc = "the first was faster")
@Outcome(id = "none, A", expect = ACCEPTABLE, desc = "the second was faster")
@Outcome(id = "A, A", expect = FORBIDDEN, desc = "a completion was handed out twice")
@Outcome(id = "none, none", expect = FORBIDDEN, desc = "a completion is lost: each thought that the other had it")
@Outcome(expect = FORBIDDEN, desc = "a torn entry was handed out")
@State
public class TwoConsumers {
    private final CompletionRing ring = Entries.ring(2, "A");

    /** One consumer. */
    @Actor
    public void poll(LL_Result result) {
        result.r1 = Entries.poll(ring);
    }

    /** Another. */
    @Actor
    public void pollWords(LL_Result result) {
        result.r2 = Entries.pollWords(ring);
    }
}
