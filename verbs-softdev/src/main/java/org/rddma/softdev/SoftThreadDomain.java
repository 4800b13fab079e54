package org.rddma.softdev;

import org.rddma.verbs.ThreadDomain;
import org.rddma.verbs.spi.Resource;

/** A thread domain of a software device: completion queues made in it are single-threaded. */
public final class SoftThreadDomain extends Resource implements ThreadDomain {
    private final SoftContext context;

    SoftThreadDomain(SoftContext context, String label) {
        super(context, label);
        this.context = context;
    }

    @Override
    public SoftContext context() {
        return context;
    }

    @Override
    protected void release() {}
}
