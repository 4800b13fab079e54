package org.rddma.verbs;

/**
 * Where completion notifications are raised (the {@code comp_vector} of {@code ibv_create_cq}; on hardware an
 * interrupt). A context has a fixed number of them. Each completion queue is bound to one; several queues may share a
 * vector, and which channel the event goes to is independent of it. Safe for use by several threads.
 */
public interface CompletionVector {
    /**
     * Its number.
     *
     * @return 0 to {@link DeviceAttributes#completionVectors()} - 1
     */
    int index();

    /**
     * The thread that it delivers from.
     *
     * @return null when it delivers inline, in the thread that completes the work, or when its thread is not needed yet
     */
    Thread thread();

    /**
     * How many events it has raised.
     *
     * @return since the context was opened
     */
    long eventsRaised();
}
