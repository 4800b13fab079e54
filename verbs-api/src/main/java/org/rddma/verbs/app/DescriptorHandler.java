package org.rddma.verbs.app;

/** Called when a descriptor of the program's own is ready. */
@FunctionalInterface
public interface DescriptorHandler {
    /**
     * The descriptor is ready. An error or a hang-up is told as both readable and writable: reading says which.
     *
     * @param descriptor which one
     * @param readable whether there is something to read
     * @param writable whether there is room
     * @return true to be called again, with the same arguments, before the loop sleeps: for who watches changes only
     *     and stops before all is read, so that others get their turn. With level-triggered descriptors false will do
     */
    boolean onReady(WatchedDescriptor descriptor, boolean readable, boolean writable);
}
