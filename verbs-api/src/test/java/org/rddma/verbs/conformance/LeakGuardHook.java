package org.rddma.verbs.conformance;

import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;

/** What {@link LeakGuard} is for tests, for properties: after all tries of one, nothing is left over. */
public final class LeakGuardHook implements AroundPropertyHook {
    private static final int OUTERMOST = -1_000;

    @Override
    public PropertyExecutionResult aroundProperty(PropertyLifecycleContext context, PropertyExecutor property) {
        LeakGuard.Snapshot before = LeakGuard.Snapshot.take();
        LeakGuard.setWatching(true);
        PropertyExecutionResult result = property.execute();
        LeakGuard.setWatching(false);
        if (result.status() != PropertyExecutionResult.Status.SUCCESSFUL) {
            return result; // what has failed may leave anything behind
        }
        boolean mayLeaveEvents =
                context.findAnnotation(LeavesEventsUnacknowledged.class).isPresent()
                        || context.containerClass().isAnnotationPresent(LeavesEventsUnacknowledged.class);
        try {
            before.assertNothingLeaked(!mayLeaveEvents, Deadline.PATIENCE);
            return result;
        } catch (AssertionError e) {
            return result.mapToFailed(e);
        }
    }

    @Override
    public int aroundPropertyProximity() {
        return OUTERMOST;
    }

    @Override
    public PropagationMode propagateTo() {
        return PropagationMode.ALL_DESCENDANTS;
    }
}
