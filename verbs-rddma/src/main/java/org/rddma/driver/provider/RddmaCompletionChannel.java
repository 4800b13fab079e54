package org.rddma.driver.provider;

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
    protected void forgotten() {
        context.device().completionChannels.giveBack();
    }
}
