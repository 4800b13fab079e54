package org.rddma.softdev;

import org.rddma.verbs.spi.AbstractCompletionChannel;

/** A completion channel of a software device. */
public final class SoftCompletionChannel extends AbstractCompletionChannel {
    private final SoftContext context;

    SoftCompletionChannel(SoftContext context, String label) {
        super(context, label);
        this.context = context;
        SoftSchedule schedule = context.device().fabric().schedule();
        if (schedule != null) {
            schedule.scheduler().add(this);
        }
    }

    @Override
    public SoftContext context() {
        return context;
    }

    @Override
    protected void forgotten() {
        context.device().completionChannels.giveBack();
        SoftSchedule schedule = context.device().fabric().schedule();
        if (schedule != null) {
            schedule.scheduler().remove(this);
        }
    }
}
