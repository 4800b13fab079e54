package org.rddma.perftest;

/** What a test does, under the name that its title has. */
enum Verb {
    SEND("Send"),
    WRITE("RDMA_Write"),
    READ("RDMA_Read"),
    ATOMIC("Atomic");

    final String title;

    Verb(String title) {
        this.title = title;
    }

    /** Whether the peer's processor takes no part and only the initiator learns of the end. */
    boolean isOneSided() {
        return this == READ || this == ATOMIC;
    }
}
