package org.rddma.driver.provider;

/**
 * Rings the peer's bell. One ring is under way at a time: whoever wants another one meanwhile gets it after that. A
 * ring that the peer does not answer in time says that nobody is there any more. Guarded by the queue pair's lock.
 */
final class PeerBell {
    private final Object lock;
    private final DriverSession session;
    private final long timeoutNanos;
    private Tag tag;
    private Peer ringing;
    private Peer again;
    private long since;
    private boolean deaf;
    private boolean ended;

    PeerBell(Object lock, DriverSession session, long timeoutNanos) {
        this.lock = lock;
        this.session = session;
        this.timeoutNanos = timeoutNanos;
        tag = session.tags().take(this::answered);
    }

    void ring(Peer peer) {
        if (ringing != null) {
            again = peer;
            return;
        }
        ringing = peer;
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
            if (again != null) { // also after a failure: the peer may have missed that one
                Peer peer = again;
                again = null;
                ring(peer);
            }
        }
    }

    /** Gives up on a peer that has not answered. */
    void checkTime(long now) {
        if (ringing != null && now - since > timeoutNanos) {
            tag = session.tags().take(this::answered); // the other is reserved until its reply comes
            ringing = null;
            again = null;
            deaf = true;
        }
    }

    /** Whether the peer has not answered. */
    boolean isDeaf() {
        return deaf;
    }

    /** There will be another peer. */
    void forget() {
        deaf = false;
        again = null;
    }

    void end() {
        ended = true;
        if (ringing == null) {
            session.tags().free(tag);
        }
    }
}
