package org.rddma.verbs.app;

/** A descriptor of the program's own, in an event loop. */
final class DescriptorSource extends LoopSource {
    private final LoopCore loop;
    private final DescriptorHandler handler;
    private final WatchedDescriptor view;
    final boolean edgeTriggered;
    private boolean readable;
    private boolean writable;

    DescriptorSource(EventLoop owner, DescriptorHandler handler, boolean edgeTriggered) {
        this.loop = owner.core();
        this.handler = handler;
        this.edgeTriggered = edgeTriggered;
        view = new WatchedDescriptor(owner, this);
    }

    WatchedDescriptor view() {
        return view;
    }

    @Override
    void report(boolean canRead, boolean canWrite) {
        readable |= canRead;
        writable |= canWrite;
    }

    @Override
    @SuppressWarnings("CatchingUnchecked") // whatever it is, the loop's handler of failures decides
    boolean turn(int budget) {
        boolean canRead = readable;
        boolean canWrite = writable;
        readable = false;
        writable = false;
        boolean again = false;
        loop.counters().descriptors++;
        try {
            again = handler.onReady(view, canRead, canWrite);
        } catch (Throwable e) {
            loop.failed(view, e);
            again = edgeTriggered && !removed; // what it has not read makes no other edge
        }
        if (again) {
            report(canRead, canWrite);
        }
        return again;
    }
}
