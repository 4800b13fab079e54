package org.rddma.driver.provider;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.rddma.driver.Command;
import org.rddma.driver.Commands;
import org.rddma.verbs.Errno;

/**
 * The binds of a queue pair, kept as long as they are used: a request that is posted again costs one command. Events
 * cannot be deleted, so their names are used again for other binds; what is used longest ago goes first.
 *
 * <p>Looking up is for the holder of the queue pair's lock, making and deleting for the dispatcher while the request
 * that needs it is under way: only one is.
 */
final class BindCache {
    static final int MOST = 64;

    /** The bell's bind has the beginning of the transfer. */
    private static final long FIRST_OFFSET = 0x1000;

    private final DriverSession session;
    private final int queuePair;
    private final BindSet[] sets = new BindSet[MOST];
    private long nextOffset = FIRST_OFFSET;
    private long uses;
    private int lastRefusal;

    BindCache(DriverSession session, int queuePair) {
        this.session = session;
        this.queuePair = queuePair;
    }

    /** The binds of a plan; null when they must be made. */
    BindSet find(CopyPlan plan) {
        for (BindSet set : sets) {
            if (set != null && set.isFor(plan)) {
                set.used = ++uses;
                return set;
            }
        }
        return null;
    }

    /** Makes the binds of a plan; null when the driver refuses one, or is still at work on all there can be. */
    BindSet make(CopyPlan plan) {
        int index = leastUsed();
        if (sets[index] != null) {
            if (sets[index].isAbandoned()) { // then all are; a start of its event might be taken for the old one
                lastRefusal = -Errno.EAGAIN;
                return null;
            }
            forget(sets[index]);
        }
        BindSet made = new BindSet(Names.transfer(queuePair), Names.copies(queuePair, index), plan, nextOffset);
        List<Command> creations = made.creations();
        nextOffset = made.endOffset();
        made.abandon(); // until the driver has said of all of them what became of them
        sets[index] = made;
        boolean refused = false;
        for (Call call : session.callAll("postSend", creations)) {
            if (call.result() != 0) {
                refused = true;
                lastRefusal = call.result();
            }
        }
        if (refused) {
            forget(made);
            return null;
        }
        made.takeUp(++uses);
        return made;
    }

    /** What the driver said when it refused a bind. */
    int lastRefusal() {
        return lastRefusal;
    }

    /** Keeps binds from being used again: the driver is still at work on them. */
    void abandon(BindSet set) {
        set.abandon();
    }

    private int leastUsed() {
        int least = 0;
        for (int i = 0; i < MOST; i++) {
            if (sets[i] == null) {
                return i;
            }
            if (sets[i].used < sets[least].used) {
                least = i;
            }
        }
        return least;
    }

    /** Deletes binds that will not be used again. */
    void forget(BindSet set) {
        Call unused = session.call("postSend", set.deletion());
        for (int i = 0; i < MOST; i++) {
            if (sets[i] == set) {
                sets[i] = null;
            }
        }
    }

    /**
     * Looks which of the regions of a plan the driver does not have any more.
     *
     * @param destinations whether to look at where the bytes go, or where they come from
     */
    boolean isMissing(CopyPlan plan, boolean destinations) {
        Set<Long> regions = new LinkedHashSet<>();
        for (int i = 0; i < plan.pieces(); i++) {
            regions.add(plan.word(CopyPlan.WORDS * i + (destinations ? 0 : 2)));
        }
        List<Command> finds = new ArrayList<>();
        for (long region : regions) {
            finds.add(Commands.smbFind(Names.region((int) (region >>> 32), (int) region), Names.LOCATION));
        }
        for (Call call : session.callAll("postSend", finds)) {
            if (call.result() != 0) {
                return true;
            }
        }
        return false;
    }
}
