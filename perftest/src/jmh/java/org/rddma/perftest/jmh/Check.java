package org.rddma.perftest.jmh;

/** That an operation did what it is measured for. */
final class Check {
    private Check() {}

    static void that(boolean condition) {
        if (!condition) {
            throw new IllegalStateException("the operation did not do what it is measured for");
        }
    }
}
