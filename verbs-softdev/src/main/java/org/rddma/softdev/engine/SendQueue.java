package org.rddma.softdev.engine;

import static org.rddma.verbs.internal.ring.SendEntryDescriptor.*;

import java.nio.ByteBuffer;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryWindowType;
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
import org.rddma.verbs.spi.WorkRequestRules;

/** The poster's side of a send queue: turns requests into entries. Its caller holds the right to post. */
final class SendQueue {
    private static final String VERB = "postSend";

    /** What an entry costs besides its bytes, in bytes. */
    private static final int ENTRY_WEIGHT = 512;

    private static final int SHORT_WEIGHT = 8192;
    private static final int LEAST_SLOTS = 8;

    final WorkRing ring;
    private final QueuePairType type;
    private final int allowed;
    private final int maxElements;
    private final int maxInline;
    private final long maxMessage;
    private final CompletionRing completions;
    private final EngineConfig config;
    private boolean lastPostWasShort;

    /** Whether what is being posted is the verb that binds windows of type 1. */
    private boolean bindsTypeOne;

    /** By slot, the window that a bind is about; null before the first. */
    private Window[] windows;

    SendQueue(EngineConfig config) {
        this.config = config;
        type = config.type();
        allowed = WorkRequestRules.allowed(type, config.capabilities());
        maxElements = config.sizes().maxSendElements();
        maxInline = config.sizes().maxInlineData();
        maxMessage = config.limits().maxMessageSize();
        completions = config.sends() == null ? null : config.sends().ring(); // none where nothing is sent
        // A queue for one request would look full at every post: with a few more, most posts need not ask what is
        // polled.
        int asked = completions == null ? 0 : config.sizes().maxSendRequests();
        int room = asked == 0
                ? 0
                : Math.max(asked, Math.min(LEAST_SLOTS, config.limits().maxQueuePairWorkRequests()));
        ring = new WorkRing(room, entryBytes(maxElements, maxInline));
    }

    /**
     * Posts a chain; returns the first request that does not fit. What is short and has nothing ahead of it is
     * executed at once, if the caller may, and never written down.
     */
    SendRequest post(SendRequest first, boolean mayExecute, Requester requester) {
        SendRequest request = first;
        long weight = 0;
        lastPostWasShort = false;
        int room = ring.capacity(); // a chain may end in itself, and slots come free as fast as it fills them
        do {
            long bytes = check(request);
            if (room-- == 0 || !ring.hasRoom(completions)) {
                return request;
            }
            boolean executed = mayExecute
                    && weight + bytes <= SHORT_WEIGHT
                    && requester.isIdle()
                    && requester.executeNow(request, (int) bytes, this);
            if (!executed) {
                write(request, (int) bytes);
            }
            weight += ENTRY_WEIGHT + bytes;
            request = request.next();
        } while (request != null);
        lastPostWasShort = weight <= SHORT_WEIGHT;
        return null;
    }

    /** The window that the bind at a position is about; forgotten then. */
    Window takeWindow(long position) {
        int slot = ring.slot(position);
        Window window = windows[slot];
        windows[slot] = null;
        return window;
    }

    /** Whether what was posted last takes so little time that others may wait for it. */
    boolean lastPostWasShort() {
        return lastPostWasShort;
    }

    /** Posts the bind of a window of type 1; false when it does not fit. */
    boolean postBind(SendRequest request) {
        bindsTypeOne = true;
        try {
            return postAll(request, 1);
        } finally {
            bindsTypeOne = false;
        }
    }

    /** Posts a chain, or nothing; false when it does not fit. */
    boolean postAll(SendRequest first, int count) {
        long weight = 0;
        SendRequest request = first;
        for (int i = 0; i < count; i++, request = request.next()) {
            weight += ENTRY_WEIGHT + check(request);
        }
        if (!ring.hasRoom(completions, count)) {
            return false;
        }
        long position = ring.lpPosted();
        request = first;
        for (int i = 0; i < count; i++, request = request.next()) {
            write(request, (int) check(request), position + i);
        }
        ring.soPosted(position + count);
        lastPostWasShort = weight <= SHORT_WEIGHT;
        return true;
    }

    /** Writes a request down, and posts it. */
    void write(SendRequest request, int bytes) {
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

    private long check(SendRequest request) {
        long bytes = WorkRequestRules.checkSend(request, type, allowed, maxElements, maxInline);
        if (bytes > maxMessage) {
            throw WorkRequestRules.invalid(
                    VERB, request, bytes + " bytes are too many: the device allows " + maxMessage);
        }
        return WorkRequestRules.isAtomic(request.opcode().value()) ? Long.BYTES : bytes;
    }

    private void writeEntry(SendRequest request, ByteBuffer memory, long position, int bytes) {
        int entry = ring.entry(position);
        int data = entry + (request.opcode() == WorkRequestOpcode.ATOMIC_WRITE ? COMPARE_ADD : DATA);
        if (type == QueuePairType.UD) {
            writeDatagram(request, memory, entry);
        } else {
            writeConnected(request, memory, entry, position);
        }
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

    private void writeConnected(SendRequest request, ByteBuffer memory, int entry, long position) {
        Words.spInt(memory, entry + REMOTE_KEY, request.rkey());
        switch (request.opcode()) {
            case BIND_MW -> writeBind(request, memory, entry, position);
            case FLUSH -> {
                Words.spLong(memory, entry + REMOTE_ADDRESS, request.remoteAddress());
                Words.spLong(memory, entry + COMPARE_ADD, request.flushLength());
                int level = request.flushLevel().value();
                Words.spLong(memory, entry + SWAP, request.flushPlacement() | level << Byte.SIZE);
            }
            default -> {
                Words.spLong(memory, entry + REMOTE_ADDRESS, request.remoteAddress());
                Words.spLong(memory, entry + COMPARE_ADD, request.compareAdd());
                Words.spLong(memory, entry + SWAP, request.swap());
                Words.spInt(memory, entry + SHARED_RECEIVE_QUEUE, request.xrcSharedReceiveQueue());
            }
        }
    }

    private void writeBind(SendRequest request, ByteBuffer memory, int entry, long position) {
        Window window = config.windows().apply(request.window());
        if (window == null) {
            throw WorkRequestRules.invalid(VERB, request, "the window belongs to another device");
        }
        boolean first = request.window().type() == MemoryWindowType.TYPE_1;
        if (first != bindsTypeOne) {
            throw WorkRequestRules.invalid(
                    VERB, request, "a window of type 1 is bound by bindMemoryWindow, one of type 2 by a work request");
        }
        if (windows == null) {
            windows = new Window[ring.capacity()];
        }
        windows[ring.slot(position)] = window;
        Words.spLong(memory, entry + REMOTE_ADDRESS, request.bindAddress());
        Words.spInt(
                memory,
                entry + BOUND_KEY,
                request.bindLength() == 0 ? 0 : request.boundRegion().lkey());
        Words.spLong(memory, entry + COMPARE_ADD, request.bindLength());
        Words.spLong(memory, entry + SWAP, request.bindAccess());
    }

    private void writeDatagram(SendRequest request, ByteBuffer memory, int entry) {
        DatagramRoute route = config.routes().apply(request.addressHandle());
        if (route == null) {
            throw WorkRequestRules.invalid(VERB, request, "a datagram needs an address handle of this device");
        }
        if (route.domain() != config.domain()) {
            throw WorkRequestRules.invalid(VERB, request, "the address handle belongs to another protection domain");
        }
        if (route.isClosed()) {
            throw new VerbsException(VERB, Errno.EBADF, request + ": the address handle is closed", request);
        }
        AddressVector vector = route.vector();
        Words.spInt(memory, entry + REMOTE_QUEUE_PAIR, request.remoteQueuePair());
        Words.spInt(memory, entry + REMOTE_QKEY, request.remoteQkey());
        Words.spLong(memory, entry + GID_HIGH, vector.destination().high());
        Words.spLong(memory, entry + GID_LOW, vector.destination().low());
        Words.spLong(memory, entry + WAY, route.way());
    }

    private void copyInline(WorkRequest request, ByteBuffer memory, int start) {
        int at = start;
        for (int i = 0; i < request.sgeCount(); i++) {
            ScatterGatherElement element = request.sge(i);
            int length = element.length();
            if (length == 0) {
                continue;
            }
            // libibverbs would read any address; here only registered memory has addresses that can be trusted
            RegisteredMemory found = config.memory().find(element.lkey());
            int offset = found == null ? -1 : found.check(config.domain(), 0, element.address(), length);
            if (offset < 0) {
                throw WorkRequestRules.invalid(
                        VERB,
                        request,
                        "inline data must lie in a region of this domain, or be given as a buffer: " + element);
            }
            Copy.copy(found.memory, offset, memory, at, length);
            at += length;
        }
    }

    static void writeElements(WorkRequest request, ByteBuffer memory, int start) {
        int at = start;
        for (int i = 0; i < request.sgeCount(); i++, at += ELEMENT_BYTES) {
            ScatterGatherElement element = request.sge(i);
            Words.spLong(memory, at + ELEMENT_ADDRESS, element.address());
            Words.spInt(memory, at + ELEMENT_LENGTH, element.length());
            Words.spInt(memory, at + ELEMENT_LKEY, element.lkey());
        }
    }
}
