package org.rddma.verbs.spi;

import static org.rddma.verbs.internal.ring.SendEntryDescriptor.*;

import java.nio.ByteBuffer;
import java.util.Set;
import org.rddma.verbs.Capability;
import org.rddma.verbs.DeviceLimits;
import org.rddma.verbs.Errno;
import org.rddma.verbs.QueuePairCapabilities;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendFlags;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkRequest;
import org.rddma.verbs.WorkRequestOpcode;
import org.rddma.verbs.internal.ring.CompletionRing;
import org.rddma.verbs.internal.ring.Words;
import org.rddma.verbs.internal.ring.WorkRing;

/**
 * The poster's side of a send queue, the same for all providers: checks requests and writes them into a ring, as
 * {@link org.rddma.verbs.internal.ring.SendEntryDescriptor} says, for the device to execute.
 *
 * <p>Not safe for several threads: who calls holds the right to post. Allocates nothing.
 */
public abstract class AbstractSendQueue {
    /** On whose behalf requests are refused. */
    protected static final String VERB = "postSend";

    private static final int LEAST_SLOTS = 8;

    private final WorkRing ring;
    private final QueuePairType type;
    private final int allowed;
    private final int maxElements;
    private final int maxInline;
    private final long maxMessage;
    private final CompletionRing completions;

    /**
     * An empty queue.
     *
     * @param type transport service
     * @param sizes of the queue pair, as it was created
     * @param limits of the device
     * @param capabilities of the device
     * @param completer where sends complete; null where nothing is sent
     */
    protected AbstractSendQueue(
            QueuePairType type,
            QueuePairCapabilities sizes,
            DeviceLimits limits,
            Set<Capability> capabilities,
            Completer completer) {
        this.type = type;
        allowed = WorkRequestRules.allowed(type, capabilities);
        maxElements = sizes.maxSendElements();
        maxInline = sizes.maxInlineData();
        maxMessage = limits.maxMessageSize();
        completions = completer == null ? null : completer.ring();
        // A queue for one request would look full at every post: with a few more, most posts need not ask what is
        // polled.
        int asked = completions == null ? 0 : sizes.maxSendRequests();
        int room = asked == 0 ? 0 : Math.max(asked, Math.min(LEAST_SLOTS, limits.maxQueuePairWorkRequests()));
        ring = new WorkRing(room, entryBytes(maxElements, maxInline));
    }

    /**
     * The ring that requests are written to.
     *
     * @return always the same
     */
    @SuppressWarnings("exports") // for the project's own providers, which see that package
    public final WorkRing ring() {
        return ring;
    }

    /**
     * Posts a chain, as far as it fits. What stands before a request that is refused stays posted.
     *
     * @param first of the chain; may end in itself
     * @return the first request that does not fit; null when all are posted
     * @throws VerbsException EINVAL, EFAULT, EOPNOTSUPP and others for a request that is wrong, which it names
     */
    public final SendRequest postChain(SendRequest first) {
        SendRequest request = first;
        int room = ring.capacity(); // a chain may end in itself, and slots come free as fast as it fills them
        do {
            long bytes = check(request);
            if (room-- == 0 || !hasRoom()) {
                return request;
            }
            write(request, (int) bytes);
            request = request.next();
        } while (request != null);
        return null;
    }

    /**
     * Posts a chain, or nothing.
     *
     * @param first of the chain
     * @param count how many
     * @return how many bytes they are about together; -1 when they do not fit
     * @throws VerbsException as {@link #postChain}; then nothing is posted
     */
    public final long postTogether(SendRequest first, int count) {
        long total = 0;
        SendRequest request = first;
        for (int i = 0; i < count; i++, request = request.next()) {
            total += check(request);
        }
        if (!ring.hasRoom(completions, count)) {
            return -1;
        }
        long position = ring.lpPosted();
        request = first;
        for (int i = 0; i < count; i++, request = request.next()) {
            write(request, (int) check(request), position + i);
        }
        ring.soPosted(position + count);
        return total;
    }

    /**
     * Whether one request more can be posted.
     *
     * @return false when the ring is full
     */
    protected final boolean hasRoom() {
        return ring.hasRoom(completions);
    }

    /**
     * Checks a request against the queue pair's type and sizes and the device.
     *
     * @param request to be posted
     * @return how many bytes it is about, 8 for an atomic operation; an int once it has passed
     * @throws VerbsException EINVAL or EOPNOTSUPP when it is wrong
     */
    protected final long check(SendRequest request) {
        long bytes = WorkRequestRules.checkSend(request, type, allowed, maxElements, maxInline);
        if (bytes > maxMessage) {
            throw WorkRequestRules.invalid(
                    VERB, request, bytes + " bytes are too many: the device allows " + maxMessage);
        }
        return WorkRequestRules.isAtomic(request.opcode().value()) ? Long.BYTES : bytes;
    }

    /**
     * Writes a request down, and posts it. There is room for it.
     *
     * @param request that was checked
     * @param bytes what {@link #check} returned
     * @throws VerbsException EFAULT when its inline data cannot be read; what {@link #writeTarget} throws
     */
    protected final void write(SendRequest request, int bytes) {
        long position = ring.lpPosted();
        write(request, bytes, position);
        ring.soPosted(position + 1);
    }

    private void write(SendRequest request, int bytes, long position) {
        try {
            writeEntry(request, ring.memory(), position, bytes);
        } catch (VerbsException e) {
            throw e;
        } catch (RuntimeException | InternalError e) { // memory that was taken away
            throw new VerbsException(
                    VERB, Errno.EFAULT, request + ": its inline data cannot be read: " + e.getMessage(), request);
        }
    }

    private void writeEntry(SendRequest request, ByteBuffer memory, long position, int bytes) {
        int entry = ring.entry(position);
        int data = entry + (request.opcode() == WorkRequestOpcode.ATOMIC_WRITE ? COMPARE_ADD : DATA);
        writeTarget(request, memory, entry, position);
        int flags = request.flags();
        int elements = 0;
        if ((flags & SendFlags.INLINE) == 0) {
            elements = request.sgeCount();
            writeElements(request, memory, entry + DATA);
        } else if (request.inlineData() != null) {
            ByteBuffer source = request.inlineData();
            memory.put(data, source, source.position(), bytes);
        } else {
            copyInline(request, memory, data);
        }
        Words.spInt(memory, entry + KIND, kind(request.opcode().value(), flags, elements));
        Words.spInt(memory, entry + DATA_BYTES, bytes);
        Words.spLong(memory, entry + WR_ID, request.wrId());
        Words.spInt(memory, entry + IMMEDIATE, request.immediate());
    }

    /**
     * Writes what a request is aimed at. Here: the remote memory, the operands of atomic operations, what a flush is
     * about and the shared receive queue. A provider with datagrams or memory windows writes theirs instead.
     *
     * @param request that was checked
     * @param memory of the ring
     * @param entry offset of the request's entry
     * @param position of the request
     * @throws VerbsException EINVAL or EBADF when what it is aimed at cannot be used
     */
    protected void writeTarget(SendRequest request, ByteBuffer memory, int entry, long position) {
        Words.spInt(memory, entry + REMOTE_KEY, request.rkey());
        Words.spLong(memory, entry + REMOTE_ADDRESS, request.remoteAddress());
        if (request.opcode() == WorkRequestOpcode.FLUSH) {
            Words.spLong(memory, entry + COMPARE_ADD, request.flushLength());
            int level = request.flushLevel().value();
            Words.spLong(memory, entry + SWAP, request.flushPlacement() | level << Byte.SIZE);
            return;
        }
        Words.spLong(memory, entry + COMPARE_ADD, request.compareAdd());
        Words.spLong(memory, entry + SWAP, request.swap());
        Words.spInt(memory, entry + SHARED_RECEIVE_QUEUE, request.xrcSharedReceiveQueue());
    }

    private void copyInline(WorkRequest request, ByteBuffer memory, int start) {
        int at = start;
        for (int i = 0; i < request.sgeCount(); i++) {
            ScatterGatherElement element = request.sge(i);
            if (element.length() == 0) {
                continue;
            }
            // libibverbs would read any address; here only registered memory has addresses that can be trusted
            if (!copyRegistered(element, memory, at)) {
                throw WorkRequestRules.invalid(
                        VERB,
                        request,
                        "inline data must lie in a region of this domain, or be given as a buffer: " + element);
            }
            at += element.length();
        }
    }

    /**
     * Copies registered memory: the inline data of a request that names it by elements. Never called for a queue pair
     * without room for inline data.
     *
     * @param element of at least one byte
     * @param to the ring's memory
     * @param at where to copy it to
     * @return false when it is not in a region that this queue pair may read
     */
    protected abstract boolean copyRegistered(ScatterGatherElement element, ByteBuffer to, int at);

    /**
     * Writes the elements of a request as entries of send and receive queues hold them.
     *
     * @param request any
     * @param memory to write to
     * @param start offset of the first element; each takes 16 bytes
     */
    public static void writeElements(WorkRequest request, ByteBuffer memory, int start) {
        int at = start;
        for (int i = 0; i < request.sgeCount(); i++, at += ELEMENT_BYTES) {
            ScatterGatherElement element = request.sge(i);
            Words.spLong(memory, at + ELEMENT_ADDRESS, element.address());
            Words.spInt(memory, at + ELEMENT_LENGTH, element.length());
            Words.spInt(memory, at + ELEMENT_LKEY, element.lkey());
        }
    }
}
