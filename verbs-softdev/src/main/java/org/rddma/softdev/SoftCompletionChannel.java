package org.rddma.softdev;

import java.util.concurrent.TimeUnit;
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
    public SoftCompletionQueue getEvent() {
        return (SoftCompletionQueue) super.getEvent();
    }

    @Override
    public SoftCompletionQueue getEvent(long timeout, TimeUnit unit) {
        return (SoftCompletionQueue) super.getEvent(timeout, unit);
    }

    @Override
    public SoftCompletionQueue tryGetEvent() {
        return (SoftCompletionQueue) super.tryGetEvent();
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
