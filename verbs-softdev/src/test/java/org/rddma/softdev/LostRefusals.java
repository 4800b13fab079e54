package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;
import org.rddma.verbs.WorkCompletionStatus;

/**
 * A peer that has refused a request is in the error state and says nothing more: if its refusal is lost, it looks as if it
 * were gone. So a test that meets RETRY_EXC_ERR instead of the refusal that it expects is aborted; but few may be, for a
 * device that gives up too early would show in the same way.
 */
final class LostRefusals implements TestExecutionExceptionHandler, AfterAllCallback {
    /** Of a few hundred refusals, of which each hundredth is lost. */
    private static final int MOST = 12;

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(LostRefusals.class);

    /** How many tests met one. */
    private static final class Count {
        private int tests;
    }

    private static Count count(ExtensionContext context) {
        return context.getRoot().getStore(NAMESPACE).getOrComputeIfAbsent("count", key -> new Count(), Count.class);
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        String message = String.valueOf(failure.getMessage());
        if (!(failure instanceof AssertionError) || !message.contains(WorkCompletionStatus.RETRY_EXC_ERR.name())) {
            throw failure;
        }
        count(context).tests++;
        throw new TestAbortedException("the refusal was lost: " + message, failure);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        assertThat(count(context).tests).as("refusals that were lost").isLessThanOrEqualTo(MOST);
    }
}
