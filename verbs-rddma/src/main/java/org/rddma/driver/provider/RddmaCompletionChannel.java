package org.rddma.driver.provider;

import java.util.concurrent.TimeUnit;
import org.rddma.verbs.spi.AbstractCompletionChannel;

/** A completion channel of an RDDMA device. */
public final class RddmaCompletionChannel extends AbstractCompletionChannel {
    private final RddmaContext context;

    RddmaCompletionChannel(RddmaContext context, String label) {
        super(context, label);
        this.context = context;
    }

    @Override
    public RddmaContext context() {
        return context;
    }

    @Override
    public RddmaCompletionQueue getEvent() {
        return (RddmaCompletionQueue) super.getEvent();
    }

    @Override
    public RddmaCompletionQueue getEvent(long timeout, TimeUnit unit) {
        return (RddmaCompletionQueue) super.getEvent(timeout, unit);
    }

    @Override
    public RddmaCompletionQueue tryGetEvent() {
        return (RddmaCompletionQueue) super.tryGetEvent();
    }

    @Override
    protected void forgotten() {
        context.device().completionChannels.giveBack();
    }
}
