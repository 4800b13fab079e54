package org.rddma.driver.provider;

import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.QueuePairCapabilities;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.QueuePairState;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SendBuilder;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.spi.EventfulResource;
import org.rddma.verbs.spi.PathRules;
import org.rddma.verbs.spi.QueuePairRules;
import org.rddma.verbs.spi.QueuePairStateRecord;
import org.rddma.verbs.spi.RequestBuilder;

/** A queue pair of an RDDMA device: a transfer of the driver, and the binds that its work requests need. */
public final class RddmaQueuePair extends EventfulResource implements QueuePair {
    private final RddmaProtectionDomain domain;
    private final RddmaCompletionQueue sends;
    private final RddmaCompletionQueue receives;
    private final Object userContext;
    private final int sendOperations;
    private final QueuePairEngine engine;

    /** Makes what does the work. */
    @FunctionalInterface
    interface EngineMaker {
        QueuePairEngine make(RddmaQueuePair owner, QueuePairInitAttributes attributes, QueuePairCapabilities sizes);
    }

    @SuppressWarnings("this-escape") // the maker only keeps it, for events
    RddmaQueuePair(
            RddmaProtectionDomain domain,
            String label,
            QueuePairInitAttributes attributes,
            RddmaCompletionQueue sends,
            RddmaCompletionQueue receives,
            EngineMaker maker,
            QueuePairCapabilities sizes) {
        super(domain.context(), label, domain, sends, receives);
        this.domain = domain;
        this.sends = sends;
        this.receives = receives;
        userContext = attributes.userContext();
        sendOperations = attributes.sendOperations();
        engine = maker.make(this, attributes, sizes);
        domain.context().attach(engine);
        sends.attach(engine);
        receives.attach(engine);
    }

    @Override
    public RddmaProtectionDomain protectionDomain() {
        return domain;
    }

    @Override
    public int number() {
        return engine.number();
    }

    @Override
    public QueuePairType type() {
        return QueuePairType.RC;
    }

    @Override
    public QueuePairState state() {
        return engine.state();
    }

    @Override
    public QueuePairCapabilities capabilities() {
        return engine.capabilities();
    }

    @Override
    public RddmaCompletionQueue sendCompletionQueue() {
        return sends;
    }

    @Override
    public RddmaCompletionQueue receiveCompletionQueue() {
        return receives;
    }

    @Override
    public boolean signalAll() {
        return engine.signalAll();
    }

    @Override
    public Object userContext() {
        return userContext;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Going to RESET waits until the driver has finished what it was doing for this queue pair, for one and a half
     * times {@code rddma.timeout} at most.
     */
    @Override
    public void modify(QueuePairAttributes attributes) {
        requireOpen("modify");
        if (attributes == null) {
            throw new VerbsException("modify", Errno.EINVAL, "the attributes are null");
        }
        RddmaContext context = domain.context();
        PathRules.checkModify(attributes, context);
        if (attributes.has(QueuePairAttributes.ALTERNATE_PATH)
                || attributes.has(QueuePairAttributes.PATH_MIGRATION_STATE)) {
            QueuePairRules.checkModify(
                    type(), state(), attributes, context.device().attributes().limits());
            context.require("modify", Capability.PATH_MIGRATION);
        }
        engine.modify(attributes);
    }

    @Override
    public QueuePairAttributes query() {
        requireOpen("query");
        return engine.query();
    }

    @Override
    public SendRequest postSend(SendRequest first) {
        requireOpen("postSend");
        if (first == null) {
            throw new VerbsException("postSend", Errno.EINVAL, "the request is null");
        }
        return engine.postSend(first);
    }

    @Override
    public ReceiveRequest postReceive(ReceiveRequest first) {
        requireOpen("postReceive");
        if (first == null) {
            throw new VerbsException("postReceive", Errno.EINVAL, "the request is null");
        }
        return engine.postReceive(first);
    }

    @Override
    public SendBuilder sendBuilder() {
        requireOpen("sendBuilder");
        return new RequestBuilder(sendOperations, this::postAll);
    }

    private boolean postAll(SendRequest first, int count) {
        requireOpen("complete");
        return engine.postAllSends(first, count);
    }

    @Override
    protected void deviceLost() {
        engine.failFromOutside(QueuePairStateRecord.DEVICE);
    }

    @Override
    protected void release() {
        try {
            engine.destroy();
        } finally {
            domain.context().detach(engine);
            sends.detach(engine);
            receives.detach(engine);
        }
    }

    @Override
    protected void forgotten() {
        domain.context().device().queuePairs.giveBack();
    }
}
