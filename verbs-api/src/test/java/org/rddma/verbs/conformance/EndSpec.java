package org.rddma.verbs.conformance;

import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.SharedReceiveQueue;

/** What an {@link End} is to be. */
public final class EndSpec {
    QueuePairType type = QueuePairType.RC;
    int depth = 64;
    int elements = 4;
    int inline = 64;
    boolean signalAll;
    int memory = 64 * 1024;
    int access = End.ALL_RIGHTS;
    int queueEntries = 256;
    boolean withChannel;
    boolean oneQueue;
    SharedReceiveQueue shared;
    int operations;

    /** RC, 64 requests, 4 elements, 64 bytes inline, 64 KiB with all rights, a queue for sends and one for receives. */
    public EndSpec() {}

    /** Transport service. */
    public EndSpec type(QueuePairType value) {
        type = value;
        return this;
    }

    /** Requests in each queue. */
    public EndSpec depth(int value) {
        depth = value;
        return this;
    }

    /** Elements of each request. */
    public EndSpec elements(int value) {
        elements = value;
        return this;
    }

    /** Inline bytes, where the device has inline data. */
    public EndSpec inline(int value) {
        inline = value;
        return this;
    }

    /** Every send makes a completion. */
    public EndSpec signalAll() {
        signalAll = true;
        return this;
    }

    /** Bytes of registered memory. */
    public EndSpec memory(int value) {
        memory = value;
        return this;
    }

    /** Rights of the registered memory. */
    public EndSpec access(int value) {
        access = value;
        return this;
    }

    /** Entries of each completion queue. */
    public EndSpec queueEntries(int value) {
        queueEntries = value;
        return this;
    }

    /** Both completion queues on one channel. */
    public EndSpec withChannel() {
        withChannel = true;
        return this;
    }

    /** Receives come from here, instead of a receive queue of its own. */
    public EndSpec shared(SharedReceiveQueue value) {
        shared = value;
        return this;
    }

    /** What the builder may be asked for. */
    public EndSpec operations(int value) {
        operations = value;
        return this;
    }

    /** One completion queue for sends and receives. */
    public EndSpec oneQueue() {
        oneQueue = true;
        return this;
    }
}
