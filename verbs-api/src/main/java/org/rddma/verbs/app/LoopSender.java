package org.rddma.verbs.app;

import org.rddma.verbs.QueuePair;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;

/**
 * Posts sends of one queue pair, and says when to go on after its send queue was full. For the loop's thread.
 *
 * <p>Room comes with the completions that the loop polls; so a queue pair that is full of requests without completions
 * stays full, as ever. So does one that went to RESET, until {@link #reset} is called.
 */
public final class LoopSender {
    private final EventLoop loop;
    private final QueuePair pair;
    private final int number;
    private final Source source;
    private boolean full;

    /** Who wakes this when there is room; not the same any more when the queue was removed and added anew. */
    private LoopQueue awaited;

    LoopSender(EventLoop loop, QueuePair pair, Runnable onRoom) {
        this.loop = loop;
        this.pair = pair;
        number = pair.number();
        source = new Source(onRoom);
    }

    /**
     * Posts a chain of requests, or as much of it as there is room for. From the first request that did not fit on all
     * are refused, until there is room and the action is called that this was made with: so nothing is overtaken.
     * Requests are never kept: what comes back is the caller's, to be posted again by that action.
     *
     * @param first the first of the chain
     * @return null when all are posted; otherwise the first that is not
     * @throws VerbsException EPERM in another thread than the loop's; EINVAL when the queue pair's send completion
     *     queue was removed from the loop, so that nobody would say when there is room; otherwise as {@link
     *     QueuePair#postSend(SendRequest)}
     */
    public SendRequest post(SendRequest first) {
        LoopQueue queue = loop.queueOf(pair, "LoopSender.post");
        if (full && awaited == queue) {
            return first;
        }
        SendRequest refused = pair.postSend(first);
        full = refused != null;
        if (full) {
            awaited = queue;
            queue.await(this);
        }
        return refused;
    }

    /**
     * Forgets that the queue was full: the next {@link #post} tries again, and the action is not called for what was
     * refused before. To be called when the room will not come with a completion: after the queue pair was reset, which
     * drops those that were to come, and before it is closed, as the loop would keep this otherwise.
     *
     * @throws VerbsException EPERM in another thread than the loop's; EBADF when the loop is closed
     */
    public void reset() {
        loop.requireMine("LoopSender.reset");
        if (full) {
            full = false;
            awaited.forget(this);
        }
        awaited = null;
    }

    /**
     * Whether requests are refused now.
     *
     * @return true from the first that did not fit until the action is called, or {@link #reset}
     */
    public boolean isFull() {
        return full;
    }

    /**
     * Whose sends these are.
     *
     * @return the queue pair
     */
    public QueuePair queuePair() {
        return pair;
    }

    int number() {
        return number;
    }

    LoopSource source() {
        return source;
    }

    /** There is room: its turn is one call of the action. */
    private final class Source extends LoopSource {
        private final Runnable onRoom;

        Source(Runnable onRoom) {
            this.onRoom = onRoom;
        }

        @Override
        @SuppressWarnings("CatchingUnchecked") // whatever it is, the loop's handler of failures decides
        boolean turn(int budget) {
            if (!full) {
                return false; // it was reset after there was room
            }
            full = false;
            loop.core().counters().others++;
            try {
                onRoom.run();
            } catch (Throwable e) {
                loop.core().failed(pair, e);
            }
            return false;
        }
    }
}
