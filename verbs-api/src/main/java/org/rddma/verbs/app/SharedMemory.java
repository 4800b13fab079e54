package org.rddma.verbs.app;

import java.util.ArrayList;
import java.util.List;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.VerbsException;

/** The regions that a queue shares with the device, few of them, and how many requests use each. */
final class SharedMemory {
    private final List<Share> shares = new ArrayList<>();

    static final class Share {
        final MemoryRegion region;

        /** Whether it is all memory of the process: then every address is in it. */
        final boolean all;

        int uses;

        Share(MemoryRegion region, boolean all) {
            this.region = region;
            this.all = all;
        }

        boolean holds(ScatterGatherElement element) {
            long offset = element.address() - region.address();
            return all || offset >= 0 && offset + element.length() <= region.length();
        }
    }

    MemoryRegion add(MemoryRegion region, boolean all) {
        shares.add(new Share(region, all));
        return region;
    }

    void remove(MemoryRegion region) {
        for (Share share : shares) {
            if (share.region == region) {
                if (share.uses > 0) {
                    throw new VerbsException(
                            "WorkQueue.unshare",
                            Errno.EBUSY,
                            share.uses + " requests use " + region + ": wait with awaitCompleted");
                }
                region.close();
                shares.remove(share);
                return;
            }
        }
        throw new VerbsException("WorkQueue.unshare", Errno.EINVAL, region + " is not shared here");
    }

    /** Where an element lies. By index: it is asked for every request, and an iterator would be garbage. */
    Share of(String verb, ScatterGatherElement element) {
        if (element == null) {
            throw new VerbsException(verb, Errno.EINVAL, "the element is null");
        }
        for (int i = 0; i < shares.size(); i++) {
            Share share = shares.get(i);
            if (share.region.lkey() == element.lkey() && element.length() >= 0 && share.holds(element)) {
                return share;
            }
        }
        throw new VerbsException(
                verb, Errno.EINVAL, element + " is not in memory that is shared with this queue: share it first");
    }

    void close() {
        shares.forEach(share -> share.region.close());
        shares.clear();
    }
}
