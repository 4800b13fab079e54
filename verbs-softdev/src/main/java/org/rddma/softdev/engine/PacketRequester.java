package org.rddma.softdev.engine;

import java.nio.ByteBuffer;
import org.rddma.verbs.QueuePairAttributes;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.spi.Connection;

/** Executes the entries of a send queue by sending packets. */
final class PacketRequester extends SendSide {
    PacketRequester(QueuePairEngine owner, EngineConfig config, Connection connection, SendQueue sends) {}

    @Override
    void connect(int firstPsn) {}

    @Override
    void reconfigure(QueuePairAttributes changes) {}

    @Override
    void clear() {}

    @Override
    boolean run(long limit) {
        return true;
    }

    @Override
    boolean hasNext() {
        return false;
    }

    @Override
    String describeNext() {
        return "";
    }

    @Override
    boolean isIdle() {
        return false;
    }

    @Override
    boolean executeNow(SendRequest work, int bytes, SendQueue writer) {
        return false;
    }

    @Override
    boolean isSending(Request other) {
        return false;
    }

    @Override
    boolean isUnderWay() {
        return false;
    }

    @Override
    boolean refersTo(ByteBuffer other) {
        return false;
    }

    @Override
    void forgetMemory() {}

    @Override
    long timeoutRetries() {
        return 0;
    }

    @Override
    long notReadyRetries() {
        return 0;
    }

    @Override
    long dropped() {
        return 0;
    }
}
