package org.rddma.verbs.app;

import org.rddma.verbs.CompletionChannel;
import org.rddma.verbs.VerbsException;

/** A completion channel with its queues, in an event loop. */
final class ChannelSource extends LoopSource {
    private final LoopCore loop;
    private final CompletionChannel channel;
    private final CompletionWaiter waiter;

    /** How many queues of the channel are in the loop. */
    int queues;

    ChannelSource(LoopCore loop, CompletionChannel channel, CompletionWaiter waiter) {
        this.loop = loop;
        this.channel = channel;
        this.waiter = waiter;
    }

    CompletionChannel channel() {
        return channel;
    }

    CompletionWaiter waiter() {
        return waiter;
    }

    @Override
    boolean isLost() {
        try {
            return channel.fd() != fd;
        } catch (VerbsException e) {
            return true;
        }
    }

    /** What the waiter throws is about the channel: an event of a queue that nobody added, for instance. */
    @Override
    boolean turn(int budget) {
        boolean again = true;
        try {
            again = waiter.drain(budget);
        } catch (VerbsException e) {
            loop.failed(channel, e);
        }
        return again && !removed;
    }
}
