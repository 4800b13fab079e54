package org.rddma.perftest;

import org.rddma.verbs.QueuePairType;

/** The ping-pong programs of libibverbs that have a twin here. */
enum PingPongKind {
    RC("rc_pingpong", QueuePairType.RC, 4096, "Bounces a message between two reliable connections."),
    UC("uc_pingpong", QueuePairType.UC, 4096, "Bounces a message between two unreliable connections."),
    UD("ud_pingpong", QueuePairType.UD, 1024, "Bounces a datagram between two queue pairs."),
    SRQ("srq_pingpong", QueuePairType.RC, 4096, "Bounces messages between reliable connections that share receives.");

    /** The most queue pairs of srq_pingpong, and so many addresses are exchanged always. */
    static final int MOST_QUEUE_PAIRS = 256;

    private final String command;
    private final QueuePairType type;
    private final int defaultSize;
    private final String description;

    PingPongKind(String command, QueuePairType type, int defaultSize, String description) {
        this.command = command;
        this.type = type;
        this.defaultSize = defaultSize;
        this.description = description;
    }

    String command() {
        return command;
    }

    QueuePairType type() {
        return type;
    }

    int defaultSize() {
        return defaultSize;
    }

    String description() {
        return description;
    }

    /** The hop limit that the C programs choose; it is the TTL of the packets. */
    int hopLimit() {
        return this == UD ? 64 : 1;
    }

    /** How many addresses each end tells the other. */
    int addresses() {
        return this == SRQ ? MOST_QUEUE_PAIRS : 1;
    }

    /** What comes before the payload in the buffer: the global routing header of a datagram. */
    int headerBytes() {
        return this == UD ? 40 : 0;
    }
}
