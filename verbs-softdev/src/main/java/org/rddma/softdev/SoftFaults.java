package org.rddma.softdev;

/**
 * What can happen to hardware, made to happen: {@code context.extension(SoftFaults.class)} is for the context's device.
 * Safe for use by several threads.
 */
public interface SoftFaults {
    /**
     * Takes the port down: nothing leaves the queue pairs of this device, nothing reaches them, and PORT_ERR is
     * announced in every open context. What is posted meanwhile is lost on the way: reliable connections try again as
     * often as they may. Does nothing when the port is down.
     */
    void portDown();

    /** Brings the port up again, and announces PORT_ACTIVE in every open context. Does nothing when it is up. */
    void portUp();

    /**
     * Takes the device off its fabric for good, as when hardware is unplugged: it is no longer listed, cannot be opened
     * (ENODEV), and nobody reaches its queue pairs. Every open context gets DEVICE_FATAL as its last event; its verbs
     * fail with EIO, and so do waits when the events are read. What is in completion queues can be polled, then polling
     * fails with EIO too; work that is not done is not completed, nor flushed. Closing works. Does nothing when called
     * again.
     */
    void remove();
}
