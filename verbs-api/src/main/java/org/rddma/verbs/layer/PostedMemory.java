package org.rddma.verbs.layer;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.rddma.verbs.Errno;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.WorkRequest;
import org.rddma.verbs.layer.ValidationFinding.Kind;

/**
 * The memory of one context's posted requests. A copy of it is made with the post and compared when the completion is
 * polled, before the program has it: until then nobody may have written to what is sent, and nobody but the device to
 * where it receives, which writes a message's bytes and none behind them.
 *
 * <p>A difference is nobody's fault where peers may write to the memory, or where another request receives into it.
 * Those that are posted still are looked through then, and the last {@value #REMEMBERED} that completed; where more have
 * completed than that, the difference is let pass.
 */
final class PostedMemory {
    private static final int REMEMBERED = 256;

    /** The regions by their local keys. */
    private final Map<Integer, Usage> regions = new ConcurrentHashMap<>();

    private final Set<Posted> receiving = ConcurrentHashMap.newKeySet();
    private final Deque<Posted> received = new ArrayDeque<>();
    private long receivedCount;

    void opened(int lkey, Usage region) {
        regions.put(lkey, region);
    }

    void closed(int lkey, Usage region) {
        regions.remove(lkey, region);
    }

    Posted send(SendRequest request, boolean signalAll) {
        boolean receives = switch (request.opcode()) {
            case RDMA_READ, ATOMIC_CMP_AND_SWP, ATOMIC_FETCH_AND_ADD -> true;
            default -> false;
        };
        boolean signalled = signalAll || (request.flags() & SendFlags.SIGNALED) != 0;
        Posted posted = new Posted(request.wrId(), true, signalled, receives);
        if ((request.flags() & SendFlags.INLINE) == 0) { // what is inline is the program's again after the post
            elements(posted, request);
        }
        use(posted, request.addressHandle());
        use(posted, request.boundRegion());
        return remember(posted);
    }

    Posted receive(WorkRequest request) {
        Posted posted = new Posted(request.wrId(), false, true, true);
        elements(posted, request);
        return remember(posted);
    }

    private void elements(Posted posted, WorkRequest request) {
        for (int i = 0; i < request.sgeCount(); i++) {
            ScatterGatherElement element = request.sge(i);
            Usage region = element == null ? null : regions.get(element.lkey()); // null will be refused
            if (region == null) {
                continue;
            }
            posted.uses.add(region); // also where the memory cannot be seen: it is in use all the same
            Usage.Piece piece = region.piece(element.address(), element.length());
            if (piece != null) {
                posted.pieces.add(piece);
            }
        }
    }

    private static void use(Posted posted, Object object) {
        Wrapper wrapper = Wrapper.of(object);
        if (wrapper != null && wrapper.notes instanceof Usage usage) {
            posted.uses.add(usage);
        }
    }

    private Posted remember(Posted posted) {
        posted.watch();
        posted.begin();
        if (posted.receives) {
            receiving.add(posted);
        }
        synchronized (received) {
            posted.receivedBefore = receivedCount;
        }
        return posted;
    }

    /** It was not posted after all. */
    void forget(List<Posted> requests) {
        requests.forEach(posted -> {
            receiving.remove(posted);
            posted.end();
        });
    }

    /** The device has done with these, one way or another. */
    void end(List<Posted> requests) {
        forget(requests);
        for (Posted posted : requests) {
            if (posted.receives) {
                synchronized (received) {
                    receivedCount++;
                    received.add(posted);
                    if (received.size() > REMEMBERED) {
                        received.remove();
                    }
                }
            }
        }
    }

    /** The requests of a queue pair are gone, or it cannot be said any more which completion is of which. */
    void discard(PairNotes pair) {
        end(pair.sends.clear());
        if (pair.ownsReceives()) {
            end(pair.receives.clear());
        }
    }

    /**
     * Compares the memory of a request that has succeeded with what it was.
     *
     * @param posted which has been ended
     * @param written how many of its bytes the device may have written
     * @param verb that polled the completion
     * @param pair the queue pair of the completion, for the sentence
     * @return null when all is well
     */
    ValidationFinding compare(Posted posted, long written, String verb, Object pair) {
        if (!posted.watched) {
            return null;
        }
        long index = posted.firstChange(posted.receives ? written : 0);
        if (index < 0 || isOpenToPeers(posted) || othersReceiveInto(posted)) {
            return null;
        }
        String what = posted.receives
                ? " was written behind the " + written + " bytes of its message while it was posted"
                : " changed while it was posted, so that nobody knows what was sent";
        return new ValidationFinding(
                posted.receives ? Kind.RECEIVING_MEMORY_WRITTEN : Kind.SENT_MEMORY_CHANGED,
                verb,
                Errno.EINVAL,
                "byte " + index + " of the memory of " + (posted.receives ? "receive " : "send ") + posted.wrId + " on "
                        + pair + what + ": leave the memory of a request alone until its completion is polled");
    }

    /** Whether peers may write there, by way of the region that the request names or of another. */
    private boolean isOpenToPeers(Posted posted) {
        return posted.pieces.stream()
                .anyMatch(piece -> piece.openToPeers()
                        || regions.values().stream().anyMatch(region -> region.opensToPeers(piece)));
    }

    private boolean othersReceiveInto(Posted posted) {
        for (Posted other : receiving) {
            if (other != posted && other.overlaps(posted)) {
                return true;
            }
        }
        synchronized (received) {
            if (receivedCount - posted.receivedBefore > REMEMBERED) {
                return true; // who knows
            }
            return received.stream().anyMatch(other -> other != posted && other.overlaps(posted));
        }
    }

    /** Reports when something is closed that posted requests name. */
    static void checkUnused(Findings findings, Usage usage) {
        int posted = usage.posted.get();
        if (posted > 0) {
            findings.report(
                    Kind.CLOSED_WHILE_POSTED,
                    "close",
                    Errno.EBUSY,
                    usage.target + " is named by " + posted
                            + " requests that are posted: poll their completions, or close their queue, first");
        }
    }
}
