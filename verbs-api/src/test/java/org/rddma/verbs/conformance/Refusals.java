package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** Verbs that must fail. */
public final class Refusals {
    private Refusals() {}

    /** The call fails because the device does not declare that it can do this. */
    public static VerbsException unsupported(String verb, ThrowingCallable call) {
        return refused(verb, Errno.EOPNOTSUPP, call);
    }

    /** The call fails with this errno, says on behalf of which verb, and explains itself in a sentence. */
    public static VerbsException refused(String verb, int errno, ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        assertThat(thrown)
                .as("%s must be refused with %s", verb, Errno.nameOf(errno))
                .isInstanceOf(VerbsException.class);
        VerbsException refusal = (VerbsException) thrown;
        assertThat(Errno.nameOf(refusal.errno()))
                .as("errno of: %s", refusal.getMessage())
                .isEqualTo(Errno.nameOf(errno));
        assertThat(refusal.verb()).as("verb of: %s", refusal.getMessage()).isEqualTo(verb);
        assertThat(refusal).hasMessageContaining(Errno.nameOf(errno)).hasMessageStartingWith(verb + ": ");
        return refusal;
    }
}
