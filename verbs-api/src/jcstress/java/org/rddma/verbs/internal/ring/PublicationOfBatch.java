package org.rddma.verbs.internal.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** The producer appends twice while the consumer polls into an array. */
@JCStressTest
@Outcome(id = "none", expect = ACCEPTABLE, desc = "polled before the first entry was there")
@Outcome(id = "A", expect = ACCEPTABLE, desc = "the first entry, whole")
@Outcome(id = "AB", expect = ACCEPTABLE, desc = "both entries, whole")
@Outcome(expect = FORBIDDEN, desc = "an entry is torn, or the second came without the first")
@State
public class PublicationOfBatch {
    private final CompletionRing ring = Entries.ring(2, "");

    /** The producer. */
    @Actor
    public void append() {
        Entries.append(ring, 'A');
        Entries.append(ring, 'B');
    }

    /** The consumer. */
    @Actor
    public void poll(L_Result result) {
        result.r1 = Entries.poll(ring, 2);
    }
}
