package org.rddma.verbs.layer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What is posted to one work queue, in order. Whoever posts holds {@link #posting}, so that the order is the queue's; who
 * polls takes it too. It is fair: several threads that post again and again to a full queue would keep out the one that
 * makes room otherwise.
 */
final class Work {
    final ReentrantLock posting = new ReentrantLock(true);

    private final Deque<Posted> posted = new ArrayDeque<>();
    private long fullSince;

    synchronized void add(List<Posted> more) {
        posted.addAll(more);
        fullSince = more.isEmpty() ? fullSince : 0;
    }

    /**
     * Takes out what a completion says is done: the request itself, and those before it that make no completion of their
     * own. On devices that complete in any order others before it stay.
     *
     * @param wrId of the request
     * @param anyOrder whether a request of the same id behind it may have been meant as well; then none of them is watched
     */
    List<Posted> complete(long wrId, boolean anyOrder) {
        posting.lock();
        try {
            return takeOut(wrId, anyOrder);
        } finally {
            posting.unlock();
        }
    }

    private synchronized List<Posted> takeOut(long wrId, boolean anyOrder) {
        boolean isThere = false;
        for (Posted request : posted) {
            isThere |= request.signalled && request.wrId == wrId;
        }
        List<Posted> done = new ArrayList<>();
        if (isThere) {
            Iterator<Posted> walk = posted.iterator();
            boolean found = false;
            while (!found) {
                Posted request = walk.next();
                found = request.signalled && request.wrId == wrId;
                if (found || !request.signalled) {
                    walk.remove();
                    done.add(request);
                }
            }
            if (anyOrder) {
                List<Posted> others =
                        posted.stream().filter(request -> request.wrId == wrId).toList();
                if (!others.isEmpty()) {
                    others.forEach(request -> request.watched = false);
                    done.forEach(request -> request.watched = false);
                }
            }
        }
        return done;
    }

    synchronized List<Posted> clear() {
        List<Posted> all = List.copyOf(posted);
        posted.clear();
        fullSince = 0;
        return all;
    }

    synchronized boolean isEmpty() {
        return posted.isEmpty();
    }

    /** Whether the whole queue is full of requests that make no completion. */
    synchronized boolean isSilent(int capacity) {
        return posted.size() >= capacity && posted.stream().noneMatch(request -> request.signalled);
    }

    /** The queue was full; returns since when, in nanoseconds of {@link System#nanoTime}. */
    synchronized long full() {
        if (fullSince == 0) {
            fullSince = System.nanoTime() | 1;
        }
        return fullSince;
    }

    synchronized void forgetFull() {
        fullSince = 0;
    }
}
