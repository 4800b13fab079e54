package org.rddma.verbs.internal.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** The producer appends while the consumer polls. */
@JCStressTest
@Outcome(id = "none", expect = ACCEPTABLE, desc = "polled before the entry was there")
@Outcome(id = "A", expect = ACCEPTABLE, desc = "the entry, whole")
@Outcome(id = "torn", expect = FORBIDDEN, desc = "the generation was seen before a field that was written ahead of it")
@State
public class Publication {
    private final CompletionRing ring = Entries.ring(1, "");

    /** The producer. */
    @Actor
    public void append() {
        Entries.append(ring, 'A');
    }

    /** The consumer. */
    @Actor
    public void poll(L_Result result) {
        result.r1 = Entries.poll(ring);
    }
}
