package org.rddma.driver.provider;

import java.nio.ByteBuffer;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.spi.AbstractSendQueue;

/** The poster's side of a send queue: turns requests into entries. Its caller holds the queue pair's lock. */
final class SendQueue extends AbstractSendQueue {
    SendQueue(EngineConfig config) {
        super(QueuePairType.RC, config.sizes(), config.limits(), config.capabilities(), config.sends());
    }

    /** There is no inline data. */
    @Override
    protected boolean copyRegistered(ScatterGatherElement element, ByteBuffer to, int at) {
        return false;
    }
}
