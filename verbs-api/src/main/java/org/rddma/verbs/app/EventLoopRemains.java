package org.rddma.verbs.app;

/**
 * What an {@link EventLoop} still has, when it was stopped for instance.
 *
 * @param queues completion queues that were not removed
 * @param asyncChannels channels of asynchronous events that were not removed
 * @param descriptors descriptors of the program's own that were not removed
 * @param timers timers that have not gone off
 * @param tasks tasks that were accepted and have not been run: 0 after {@link EventLoop#stop()}, but not always after a
 *     failure
 */
public record EventLoopRemains(int queues, int asyncChannels, int descriptors, int timers, int tasks) {
    /**
     * Whether there is nothing.
     *
     * @return true when all are 0
     */
    public boolean isEmpty() {
        return queues + asyncChannels + descriptors + timers + tasks == 0;
    }
}
