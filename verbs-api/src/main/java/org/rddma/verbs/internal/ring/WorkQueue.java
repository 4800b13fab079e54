package org.rddma.verbs.internal.ring;

/** Who is to learn which completion belongs to a request: its slot may be used again when that has been polled. */
public interface WorkQueue {
    /**
     * Notes that a request is done.
     *
     * @param position by which the work queue knows the request
     * @param completion position of its completion, {@link WorkRing#UNSIGNALED}, {@link WorkRing#LOST} or
     *     {@link WorkRing#PENDING}
     */
    void soExecuted(long position, long completion);

    /**
     * Notes where the completion is of a request that was noted as {@link WorkRing#PENDING}.
     *
     * @param position by which the work queue knows the request
     * @param completion position of its completion, or {@link WorkRing#LOST}
     */
    void soDelivered(long position, long completion);
}
