package org.rddma.verbs.app;

import java.util.function.Consumer;
import org.rddma.verbs.AsyncEvent;
import org.rddma.verbs.AsyncEventChannel;
import org.rddma.verbs.AsyncEventType;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/** The asynchronous events of a context, in an event loop. */
final class AsyncSource extends LoopSource {
    private final LoopCore loop;
    private final AsyncEventChannel channel;
    private final Consumer<? super AsyncEvent> handler;
    private boolean toldOfEnd;

    AsyncSource(LoopCore loop, AsyncEventChannel channel, Consumer<? super AsyncEvent> handler) {
        this.loop = loop;
        this.channel = channel;
        this.handler = handler;
    }

    @Override
    boolean isLost() {
        try {
            return channel.fd() != fd;
        } catch (VerbsException e) {
            return true;
        }
    }

    @Override
    @SuppressWarnings("CatchingUnchecked") // whatever it is, the loop's handler of failures decides
    boolean turn(int budget) {
        for (int i = 0; i < budget && !removed; i++) {
            AsyncEvent event;
            try {
                event = channel.tryGetEvent();
            } catch (VerbsException e) {
                boolean unused = loop.sources().removeAsync(channel);
                if (!toldOfEnd || e.errno() != Errno.EIO) {
                    loop.failed(channel, e);
                }
                return false;
            }
            if (event == null) {
                return false;
            }
            event.acknowledge(); // before the handler, so that it can close what the event is about
            toldOfEnd |= event.type() == AsyncEventType.DEVICE_FATAL;
            loop.counters().asyncEvents++;
            try {
                handler.accept(event);
            } catch (Throwable e) {
                loop.failed(channel, e);
            }
        }
        return !removed;
    }
}
