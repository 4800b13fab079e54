package org.rddma.softdev.engine;

import java.nio.ByteBuffer;
import org.rddma.verbs.spi.Connection;

/** Carries out the requests of peers, packet by packet. */
final class PacketResponder extends ReceiveSide {
    PacketResponder(QueuePairEngine owner, EngineConfig config, Connection connection, Receives receives) {}

    @Override
    void connect(int firstPsn) {}

    @Override
    boolean refersTo(ByteBuffer other) {
        return false;
    }

    @Override
    void forgetMemory() {}
}
