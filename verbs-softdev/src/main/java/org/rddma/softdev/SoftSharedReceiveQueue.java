package org.rddma.softdev;

import org.rddma.softdev.engine.SharedReceives;
import org.rddma.softdev.engine.XrcTarget;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Capability;
import org.rddma.verbs.Errno;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.SharedReceiveQueue;
import org.rddma.verbs.SharedReceiveQueueAttributes;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.spi.EventfulResource;
import org.rddma.verbs.spi.SharedReceiveQueueRules;

/** A shared receive queue of a software device. */
public final class SoftSharedReceiveQueue extends EventfulResource implements SharedReceiveQueue {
    private static final int NO_NUMBER = 0;

    private final SoftProtectionDomain domain;
    private final Object userContext;
    private final SharedReceives receives;
    private final int number;

    SoftSharedReceiveQueue(
            SoftProtectionDomain domain,
            String label,
            SharedReceiveQueueAttributes attributes,
            SoftXrcDomain xrcDomain,
            SoftCompletionQueue queue) {
        super(domain.context(), label, domain, xrcDomain, queue);
        this.domain = domain;
        userContext = attributes.userContext();
        receives = new SharedReceives(
                attributes.maxRequests(), attributes.maxElements(), () -> announce(AsyncEventType.SRQ_LIMIT_REACHED));
        if (xrcDomain == null) {
            number = NO_NUMBER;
            return;
        }
        SoftDevice device = domain.context().device();
        number = device.reserveXrcTarget();
        if (number == NO_NUMBER) {
            throw new VerbsException(
                    "createSharedReceiveQueue", Errno.ENOMEM, "the device has no number left: close some queues first");
        }
        device.addXrcTarget(number, new XrcTarget(receives, queue.deviceSide(), domain.actual(), xrcDomain));
    }

    SharedReceives deviceSide() {
        return receives;
    }

    @Override
    public SoftProtectionDomain protectionDomain() {
        return domain;
    }

    @Override
    public int number() {
        if (number == NO_NUMBER) {
            throw new VerbsException(
                    "number", Errno.EOPNOTSUPP, "only a queue for extended reliable connections has a number");
        }
        return number;
    }

    @Override
    public int maxRequests() {
        return receives.capacity();
    }

    @Override
    public int maxElements() {
        return receives.maxElements();
    }

    @Override
    public int limit() {
        return receives.limit();
    }

    @Override
    public Object userContext() {
        return userContext;
    }

    @Override
    public ReceiveRequest postReceive(ReceiveRequest first) {
        requireOpen("postReceive");
        if (first == null) {
            throw new VerbsException("postReceive", Errno.EINVAL, "the request is null");
        }
        return receives.post(first);
    }

    @Override
    public void armLimit(int limit) {
        requireOpen("armLimit");
        if (limit < 0 || !receives.armLimit(limit)) {
            throw new VerbsException(
                    "armLimit", Errno.EINVAL, "the limit is " + limit + ": give 0 to " + receives.capacity());
        }
    }

    @Override
    public void resize(int maxRequests) {
        requireOpen("resize");
        domain.context().require("resize", Capability.SHARED_RECEIVE_QUEUE_RESIZE);
        SharedReceiveQueueRules.checkRequests(
                "resize", maxRequests, domain.context().device().options().limits());
        int least = receives.resize(maxRequests);
        if (least >= 0) {
            throw new VerbsException(
                    "resize",
                    Errno.EINVAL,
                    "maxRequests is " + maxRequests + ": with what is posted and the limit give at least " + least);
        }
    }

    boolean isForXrc() {
        return number != NO_NUMBER;
    }

    @Override
    protected void release() {
        if (isForXrc()) {
            domain.context().device().removeXrcTarget(number);
            domain.awaitResponders();
        }
    }

    @Override
    protected void forgotten() {
        domain.context().device().sharedReceiveQueues.giveBack();
    }
}
