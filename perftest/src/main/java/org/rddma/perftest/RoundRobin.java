package org.rddma.perftest;

/** The lanes in turn; both ends begin with the same and stay in step. */
final class RoundRobin {
    private final Lane[] lanes;
    private int next;

    RoundRobin(Lane[] lanes) {
        this.lanes = lanes;
    }

    Lane current() {
        return lanes[next];
    }

    void advance() {
        next = next + 1 < lanes.length ? next + 1 : 0;
    }
}
