package org.rddma.softdev;

import org.rddma.softdev.engine.XrcTarget;
import org.rddma.verbs.XrcDomain;
import org.rddma.verbs.spi.Resource;

/** A domain for extended reliable connections of a software device. */
public final class SoftXrcDomain extends Resource implements XrcDomain {
    private final SoftContext context;

    SoftXrcDomain(SoftContext context, String label) {
        super(context, label);
        this.context = context;
    }

    @Override
    public SoftContext context() {
        return context;
    }

    /** The shared receive queue of a number, if it can be reached from this domain. */
    XrcTarget find(int number) {
        XrcTarget target = context.device().xrcTarget(number);
        return target != null && target.reachableFrom() == this ? target : null;
    }

    @Override
    protected void release() {}
}
