package org.rddma.verbs.internal.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A consumer arms for solicited completions and looks, while the producer appends one and looks at the arm. */
@JCStressTest
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "event and entry: the armer sees what it would be woken for")
@Outcome(id = "true, false", expect = ACCEPTABLE, desc = "event: armed before the entry was there")
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "entry: armed after it was there, so it needs no event")
@Outcome(
        id = "false, false",
        expect = FORBIDDEN,
        desc = "lost wake-up: the producer saw no arm and the armer no entry, so it sleeps on a ring that is not empty")
@State
public class ArmSolicitedAgainstAppend {
    private final CompletionRing ring = Entries.ring(1, "");

    /** The producer. */
    @Actor
    public void append(ZZ_Result result) {
        Entries.append(ring, 'A');
        result.r1 = ring.takeArm(true);
    }

    /** The consumer. */
    @Actor
    public void arm(ZZ_Result result) {
        ring.arm(CompletionRing.ARMED_SOLICITED);
        result.r2 = !ring.isEmpty();
    }
}
