package org.rddma.verbs.spi;

/** What decides when the completions and events of a {@linkplain DeliveryVector#scheduled vector} get through. */
public interface DeliverySchedule {
    /**
     * A completion queue of the vector was made.
     *
     * @param queue its name, for messages
     * @return what its completions go through
     */
    CompletionDelivery deliveryOf(String queue);

    /** An event waits for {@link DeliveryVector#deliverNext()}. Called with the lock of a completion queue held. */
    void eventRaised();
}
