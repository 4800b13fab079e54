package org.rddma.driver;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.rddma.verbs.Errno;
import org.rddma.verbs.VerbsException;

/**
 * Which reply belongs to whom. Safe for use by several threads.
 *
 * <p>Each request gets a tag that no other has which is not answered yet: also not one that was given up, because its
 * reply may come at any time and would be taken for the new one's. So a given-up request keeps its place until the
 * reply comes, and whoever gives up more than {@link #LIMIT} must wait for the driver.
 *
 * <p>A reply takes its request out of the table, and then goes to the taker, who looks under its own lock whether it
 * still waits for that tag. One who gives up first forgets the tag under that lock, then marks it here. Whichever way
 * they meet, the reply is taken once or counted once.
 */
final class PendingReplies {
    /** How many requests may be unanswered. */
    static final int LIMIT = 1 << 17;

    /** Who waits for a reply. Does not run anything of the user's. */
    interface Taker {
        /** Takes the reply, unless it has given up. */
        boolean answered(String tag, Reply reply);

        /** No reply will come any more. */
        void failed(VerbsException cause);
    }

    private static final Taker NOBODY = new Taker() {
        @Override
        public boolean answered(String tag, Reply reply) {
            return false;
        }

        @Override
        public void failed(VerbsException cause) {}
    };

    private final ConcurrentHashMap<String, Taker> takers = new ConcurrentHashMap<>();
    private final AtomicInteger unanswered = new AtomicInteger();
    private final AtomicInteger lastTag = new AtomicInteger();
    private final AtomicLong reserved = new AtomicLong();
    private final LongAdder delivered = new LongAdder();
    private final LongAdder late = new LongAdder();
    private final LongAdder unknown = new LongAdder();
    private final LongAdder unreadable = new LongAdder();

    /** Gives a taker a tag, of a form that no driver changes. */
    String register(Taker taker) {
        if (unanswered.incrementAndGet() > LIMIT) {
            unanswered.decrementAndGet();
            throw new VerbsException(
                    "invoke", Errno.EAGAIN, "the driver owes " + LIMIT + " replies: wait for some of them first");
        }
        while (true) {
            String tag = Integer.toHexString(lastTag.incrementAndGet());
            if (takers.putIfAbsent(tag, taker) == null) {
                return tag;
            }
        }
    }

    /** The command was not sent. */
    void withdraw(String tag) {
        Taker taker = takers.remove(tag);
        if (taker != null) {
            unanswered.decrementAndGet();
            freeReservation(taker);
        }
    }

    private void freeReservation(Taker taker) {
        if (taker == NOBODY) {
            reserved.decrementAndGet();
        }
    }

    /** Nobody waits for this reply any more. */
    void giveUp(String tag, Taker taker) {
        if (takers.replace(tag, taker, NOBODY)) {
            reserved.incrementAndGet();
        }
    }

    /** A reply was delivered, and then nobody took it. */
    void droppedAfterDelivery() {
        delivered.decrement();
        late.increment();
    }

    /** Brings a line to the one who waits for it. */
    void deliver(String line) {
        Reply reply;
        try {
            reply = Reply.parse(line);
        } catch (RddmaSyntaxException e) {
            unreadable.increment();
            return;
        }
        String tag = reply.tag();
        Taker taker = tag == null ? null : takers.remove(tag);
        if (taker == null) {
            unknown.increment();
            return;
        }
        unanswered.decrementAndGet();
        freeReservation(taker);
        delivered.increment(); // first: whoever has the reply finds it counted
        if (!taker.answered(tag, reply)) {
            droppedAfterDelivery();
        }
    }

    /** Tells all who wait that nothing comes any more. */
    void failAll(VerbsException cause) {
        takers.forEach((tag, taker) -> {
            if (takers.remove(tag, taker)) {
                unanswered.decrementAndGet();
                taker.failed(cause);
            }
        });
        reserved.set(0);
    }

    ReplyCounters counters() {
        return new ReplyCounters(
                delivered.sum(), late.sum(), unknown.sum(), unreadable.sum(), Math.max(0, reserved.get()));
    }
}
