package org.rddma.verbs.internal.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** The only slot of a ring is written again by who has polled it, while another consumer reads it. */
@JCStressTest
@Outcome(id = "A, none, B", expect = ACCEPTABLE, desc = "polled between the two entries")
@Outcome(id = "A, B, none", expect = ACCEPTABLE, desc = "polled behind the second append")
@Outcome(id = "none, A, B", expect = ACCEPTABLE, desc = "the other was faster")
@Outcome(id = "A, A, B", expect = FORBIDDEN, desc = "the first entry was handed out twice")
@Outcome(expect = FORBIDDEN, desc = "an entry that was being overwritten was handed out, or one is lost")
@State
public class ReuseOfSlot {
    private final CompletionRing ring = Entries.ring(1, "A");

    /** Makes room, and appends. */
    @Actor
    public void pollAndAppend(LLL_Result result) {
        result.r1 = Entries.poll(ring);
        Entries.append(ring, 'B');
    }

    /** Another consumer. */
    @Actor
    public void poll(LLL_Result result) {
        result.r2 = Entries.pollWords(ring);
    }

    /** What is left. */
    @Arbiter
    public void rest(LLL_Result result) {
        result.r3 = Entries.poll(ring);
    }
}
