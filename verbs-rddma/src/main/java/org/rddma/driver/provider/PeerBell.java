package org.rddma.driver.provider;

/**
 * Rings the peer's bell. One ring is under way at a time: whoever wants another one meanwhile gets it after that. A
 * ring that the peer does not answer in time says that nobody is there any more. Guarded by the queue pair's lock.
 */
final class PeerBell {
    private final Object lock;
    private final DriverSession session;
    private final long timeoutNanos;
    private final Listener listener;
    private Tag tag;
    private Peer ringing;
    private Peer again;
    private long since;
    private boolean answerWanted;
    private boolean answerWantedAgain;
    private boolean outdated;
    private boolean deaf;
    private boolean ended;

    /** Who wants to know that the peer has heard. */
    @FunctionalInterface
    interface Listener {
        /** Called with the lock held. */
        void answered(boolean heard);
    }

    PeerBell(Object lock, DriverSession session, long timeoutNanos, Listener listener) {
        this.listener = listener;
        this.lock = lock;
        this.session = session;
        this.timeoutNanos = timeoutNanos;
        tag = session.tags().take(this::answered);
    }

    void ring(Peer peer) {
        ring(peer, false);
    }

    /** Rings, and tells the listener when the peer has heard. */
    void ringForAnswer(Peer peer) {
        ring(peer, true);
    }

    private void ring(Peer peer, boolean forAnswer) {
        if (ringing != null && ringing.number != peer.number) {
            leave(); // who was the peer before need not answer first
        }
        if (ringing != null) {
            again = peer;
            answerWantedAgain |= forAnswer;
            return;
        }
        ringing = peer;
        answerWanted = forAnswer;
        since = System.nanoTime();
        session.send(peer.ring, tag);
    }

    private void answered(Tag which, int result) {
        synchronized (lock) {
            if (ended || which != tag) {
                session.tags().free(which);
                return;
            }
            ringing = null;
            outdated = false;
            boolean tell = answerWanted;
            if (again != null) { // also after a failure: the peer may have missed that one
                Peer peer = again;
                again = null;
                boolean forAnswer = answerWantedAgain;
                answerWantedAgain = false;
                ring(peer, forAnswer);
            }
            if (tell) {
                listener.answered(result == 0);
            }
        }
    }

    /** Gives up on a peer that has not answered; true when it has just done so. */
    boolean checkTime(long now) {
        if (ringing == null || now - since <= timeoutNanos) {
            return false;
        }
        boolean matters = !outdated || again != null;
        leave();
        again = null;
        answerWantedAgain = false;
        deaf = matters;
        return matters;
    }

    /** Does not wait any longer for the reply to the ring that is under way. */
    private void leave() {
        tag = session.tags().take(this::answered); // the other is reserved until its reply comes
        ringing = null;
        outdated = false;
    }

    /** Whether the peer has not answered. */
    boolean isDeaf() {
        return deaf;
    }

    /** There will be another peer. */
    void forget() {
        outdated = ringing != null;
        deaf = false;
        again = null;
        answerWanted = false;
        answerWantedAgain = false;
    }

    void end() {
        ended = true;
        if (ringing == null) {
            session.tags().free(tag);
        }
    }
}
