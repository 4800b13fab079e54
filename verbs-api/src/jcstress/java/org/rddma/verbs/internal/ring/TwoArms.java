package org.rddma.verbs.internal.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Two consumers arm, one for any completion, one for solicited ones. */
@JCStressTest
@Outcome(id = "2", expect = ACCEPTABLE, desc = "armed for any: the wider wish holds")
@Outcome(expect = FORBIDDEN, desc = "the arm for any completion was overwritten by the narrower one")
@State
public class TwoArms {
    private final CompletionRing ring = Entries.ring(1, "");

    /** One consumer. */
    @Actor
    public void any() {
        ring.arm(CompletionRing.ARMED_ANY);
    }

    /** Another. */
    @Actor
    public void solicited() {
        ring.arm(CompletionRing.ARMED_SOLICITED);
    }

    /** What holds. */
    @Arbiter
    public void word(I_Result result) {
        result.r1 = ring.armed();
    }
}
