package org.rddma.softdev;

import org.rddma.softdev.engine.DatagramRoute;
import org.rddma.softdev.engine.EngineConfig;
import org.rddma.softdev.engine.QueuePairEngine;
import org.rddma.softdev.link.LoopbackLink;
import org.rddma.verbs.AddressHandle;
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

/** A queue pair of a software device. */
public final class SoftQueuePair extends EventfulResource implements QueuePair {
    private final SoftProtectionDomain domain;
    private final SoftCompletionQueue sends;
    private final SoftCompletionQueue receives;
    private final Object userContext;
    private final QueuePairEngine engine;

    SoftQueuePair(
            SoftProtectionDomain domain,
            String label,
            QueuePairInitAttributes attributes,
            QueuePairCapabilities sizes,
            SoftCompletionQueue sends,
            SoftCompletionQueue receives) {
        super(domain.context(), label, domain, sends, receives);
        this.domain = domain;
        this.sends = sends;
        this.receives = receives;
        userContext = attributes.userContext();
        SoftDevice device = domain.context().device();
        int number = device.reserveQueuePair();
        try {
            engine = new QueuePairEngine(new EngineConfig(
                    number,
                    attributes.type(),
                    sizes,
                    attributes.signalAll(),
                    domain.actual(),
                    device.memory(),
                    sends.deviceSide(),
                    receives.deviceSide(),
                    device.gid(),
                    device.options().mtu().bytes(),
                    device.options().limits(),
                    new LoopbackLink(device.fabric()::find),
                    domain.context().timer(),
                    SoftQueuePair::route));
        } catch (RuntimeException | Error e) {
            device.removeQueuePair(number);
            throw e;
        }
        device.addQueuePair(engine);
        domain.attach(engine);
        sends.attach(engine);
        receives.attach(engine);
    }

    private static DatagramRoute route(AddressHandle handle) {
        return handle instanceof SoftAddressHandle own ? own.route() : null;
    }

    @Override
    public SoftProtectionDomain protectionDomain() {
        return domain;
    }

    @Override
    public int number() {
        return engine.number();
    }

    @Override
    public QueuePairType type() {
        return engine.config().type();
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
    public SoftCompletionQueue sendCompletionQueue() {
        return sends;
    }

    @Override
    public SoftCompletionQueue receiveCompletionQueue() {
        return receives;
    }

    @Override
    public boolean signalAll() {
        return engine.config().signalAll();
    }

    @Override
    public Object userContext() {
        return userContext;
    }

    @Override
    public void modify(QueuePairAttributes attributes) {
        requireOpen("modify");
        if (attributes == null) {
            throw new VerbsException("modify", Errno.EINVAL, "the attributes are null");
        }
        SoftContext context = domain.context();
        if (attributes.has(QueuePairAttributes.PORT) && attributes.port() != 1) {
            throw new VerbsException("modify", Errno.EINVAL, "there is no port " + attributes.port() + ": give 1");
        }
        if (attributes.has(QueuePairAttributes.PKEY_INDEX) && attributes.pkeyIndex() != 0) {
            throw new VerbsException(
                    "modify", Errno.EINVAL, "there is no P_Key " + attributes.pkeyIndex() + ": give 0");
        }
        if (attributes.has(QueuePairAttributes.PATH_MTU)
                && attributes.pathMtu() != null
                && attributes.pathMtu().compareTo(context.device().options().mtu()) > 0) {
            throw new VerbsException(
                    "modify",
                    Errno.EINVAL,
                    "pathMtu is " + attributes.pathMtu() + ": the port has "
                            + context.device().options().mtu());
        }
        if (attributes.has(QueuePairAttributes.ADDRESS_VECTOR) && attributes.addressVector() != null) {
            AddressVectorRules.check("modify", attributes.addressVector(), context);
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
        throw new UnsupportedOperationException();
    }

    @Override
    protected void release() {
        engine.destroy();
        domain.context().device().removeQueuePair(engine.number());
        domain.detach(engine);
        sends.detach(engine);
        receives.detach(engine);
    }

    @Override
    protected void forgotten() {
        domain.context().device().queuePairs.giveBack();
    }
}
