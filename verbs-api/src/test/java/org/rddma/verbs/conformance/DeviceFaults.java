package org.rddma.verbs.conformance;

/** What a test can make happen to the device that it opens. It has one port. */
public interface DeviceFaults {
    /** The port goes down. */
    void portDown();

    /** The port comes up. */
    void portUp();

    /** The device goes away for good. */
    void remove();
}
