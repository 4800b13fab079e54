package org.rddma.softdev;

/**
 * Something that a legal device may do and most never do. A {@link SoftSchedule} does it as often as its {@link
 * Freedoms} say.
 */
public enum Freedom {
    /** Queue pairs do not take turns: one executes many entries while others wait. Percent of steps. */
    LATE_EXECUTION(50),
    /**
     * A completion gets into its queue later than other things happen, and completions of different work queues in any
     * order; those of one work queue stay in order (verbs-semantics §2.4(1)). Percent of steps.
     */
    LATE_COMPLETIONS(50),
    /** An event gets into its channel later than other things happen; events of one vector in order. Percent of steps. */
    LATE_EVENTS(50),
    /** The clock reaches the next timer while other steps are pending, as if those took long. Percent of steps. */
    SLOW_STEPS(10),
    /**
     * A queue that is armed for any completion while some are in it fires at once, and takes the arm (verbs-semantics
     * §1.2: devices that are told the consumer's position with the arm). Percent of such arms.
     */
    EXTRA_EVENTS(50),
    /**
     * A wait on a completion channel ends without an event and without {@link
     * org.rddma.verbs.CompletionChannel#wakeup()}, as poll(2) may. Percent of steps.
     */
    EMPTY_WAKEUPS(2),
    /**
     * A reliable queue pair answers that it is not ready although a receive is posted. Only while the sender has a retry
     * left for it, so that this alone never fails a queue pair. Percent of requests that take a receive.
     */
    REFUSALS(15),
    /**
     * A reliable request is lost on its way, or not answered, before it is carried out. Only while the sender has a
     * retry left for it. Percent of requests.
     */
    LOST_REQUESTS(10),
    /**
     * A reliable request is carried out and its answer is lost: the sender sends it again, and it is answered without
     * being carried out twice. Only while the sender has a retry left for it. Percent of answers.
     */
    LOST_ANSWERS(10),
    /** Datagrams are lost. Percent of them. */
    LOST_DATAGRAMS(15),
    /** Messages of unreliable connections are lost, each as a whole. Percent of them. */
    LOST_MESSAGES(15),
    /**
     * The clocks of the time stamps jump by up to a millisecond: the device's own forward, the wall clock also back.
     * Percent of time stamps.
     */
    CLOCK_JUMPS(5),
    /**
     * A queue pair that is reset or closed takes with it completions that did not get into their queue yet: the last
     * ones of each work queue. Percent of resets.
     */
    DISCARDED_COMPLETIONS(50),
    /**
     * On a device with {@link org.rddma.verbs.Capability#WEAK_ORDER}, a completion of a send overtakes others of its
     * send queue. Percent of deliveries.
     */
    OVERTAKING(50);

    private final int usual;

    Freedom(int usual) {
        this.usual = usual;
    }

    int usualPercent() {
        return usual;
    }
}
