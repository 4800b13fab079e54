package org.rddma.perftest;

/** Places of small messages in their area: one after the other in cache lines, so that not all hit the same one. */
final class Rotation {
    private static final int LINE = 64;

    private final int area;
    private int step;
    private int offset;

    /** An area of so many bytes; 0 for no rotation. */
    Rotation(int area) {
        this.area = area;
    }

    void prepare(int messageSize) {
        int lines = (messageSize + LINE - 1) & -LINE;
        step = messageSize > 0 && lines <= area / 2 ? lines : 0;
        offset = 0;
    }

    boolean isOn() {
        return step != 0;
    }

    int next() {
        int current = offset;
        offset = current + 2 * step <= area ? current + step : 0;
        return current;
    }
}
