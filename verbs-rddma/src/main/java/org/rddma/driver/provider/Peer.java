package org.rddma.driver.provider;

import org.rddma.driver.CommandTemplate;
import org.rddma.driver.Commands;

/** The other end of a connection, as this end sees it. */
final class Peer {
    final int number;
    final ControlBlock block;
    final RegionDirectory regions;
    final CommandTemplate ring;

    private Peer(int number, ControlBlock block, RegionDirectory regions) {
        this.number = number;
        this.block = block;
        this.regions = regions;
        ring = new CommandTemplate(Commands.eventStart(Names.ring(number), Names.LOCATION));
    }

    /** Looks a queue pair up; null when there is none. Called by the dispatcher. */
    static Peer find(SharedBuffers buffers, int number) {
        var memory = buffers.find(Names.block(number), "postSend");
        ControlBlock block = memory == null ? null : ControlBlock.open(memory);
        if (block == null || block.number() != number) {
            return null;
        }
        RegionDirectory regions = buffers.directory(block.context());
        return regions == null ? null : new Peer(number, block, regions);
    }
}
