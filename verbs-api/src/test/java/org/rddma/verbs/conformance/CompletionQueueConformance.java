package org.rddma.verbs.conformance;

import static org.rddma.verbs.conformance.Refusals.refused;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.rddma.verbs.Capability;
import org.rddma.verbs.CompletionQueueAttributes;
import org.rddma.verbs.Errno;

/** What the suites of what not every completion queue can do have in common. */
abstract class CompletionQueueConformance extends DeviceConformance {
    /** True for a device that lacks something; then the call that needs it has been seen to fail. */
    final boolean lacks(Capability capability, String verb, ThrowingCallable call) {
        if (context.device().attributes().has(capability)) {
            return false;
        }
        refused(verb, Errno.EOPNOTSUPP, call);
        return true;
    }

    /** True for a device that lacks something; then a queue that needs it has been seen to be refused. */
    final boolean lacks(Capability capability, CompletionQueueAttributes attributes) {
        return lacks(capability, "createCompletionQueue", () -> context.createCompletionQueue(attributes));
    }

    static CompletionQueueAttributes attributes(int entries) {
        return new CompletionQueueAttributes().entries(entries);
    }
}
