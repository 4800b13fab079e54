package org.rddma.softdev.engine;

import static org.rddma.verbs.internal.ring.SendEntryDescriptor.*;

import java.nio.ByteBuffer;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryWindowType;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.WorkRequestOpcode;
import org.rddma.verbs.internal.ring.Words;
import org.rddma.verbs.spi.AbstractSendQueue;
import org.rddma.verbs.spi.WorkRequestRules;

/** A send queue whose poster may execute what is short. Its caller holds the right to post. */
final class SendQueue extends AbstractSendQueue {
    /** What an entry costs besides its bytes, in bytes. */
    private static final int ENTRY_WEIGHT = 512;

    private static final int SHORT_WEIGHT = 8192;

    private final EngineConfig config;
    private boolean lastPostWasShort;

    /** Whether what is being posted is the verb that binds windows of type 1. */
    private boolean bindsTypeOne;

    /** By slot, the window that a bind is about; null before the first. */
    private Window[] windows;

    SendQueue(EngineConfig config) {
        super(config.type(), config.sizes(), config.limits(), config.capabilities(), config.sends());
        this.config = config;
    }

    /**
     * Posts a chain; returns the first request that does not fit. What is short and has nothing ahead of it is
     * executed at once, if the caller may, and never written down.
     */
    SendRequest post(SendRequest first, boolean mayExecute, SendSide requester) {
        SendRequest request = first;
        long weight = 0;
        lastPostWasShort = false;
        int room = ring().capacity(); // a chain may end in itself, and slots come free as fast as it fills them
        do {
            long bytes = check(request);
            if (room-- == 0 || !hasRoom()) {
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

    /** Writes down what could not be executed at once, and posts it. */
    void writeDown(SendRequest request, int bytes) {
        write(request, bytes);
    }

    /** The window that the bind at a position is about; forgotten then. */
    Window takeWindow(long position) {
        int slot = ring().slot(position);
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
        long bytes = postTogether(first, count);
        if (bytes < 0) {
            return false;
        }
        lastPostWasShort = (long) count * ENTRY_WEIGHT + bytes <= SHORT_WEIGHT;
        return true;
    }

    @Override
    protected void writeTarget(SendRequest request, ByteBuffer memory, int entry, long position) {
        if (config.type() == QueuePairType.UD) {
            writeDatagram(request, memory, entry);
        } else if (request.opcode() == WorkRequestOpcode.BIND_MW) {
            writeBind(request, memory, entry, position);
        } else {
            super.writeTarget(request, memory, entry, position);
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
            windows = new Window[ring().capacity()];
        }
        windows[ring().slot(position)] = window;
        Words.spInt(memory, entry + REMOTE_KEY, request.rkey());
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

    @Override
    protected boolean copyRegistered(ScatterGatherElement element, ByteBuffer to, int at) {
        RegisteredMemory found = config.memory().find(element.lkey());
        long offset = found == null ? -1 : found.check(config.domain(), 0, element.address(), element.length());
        if (offset < 0) {
            return false;
        }
        try {
            Copy.copy(found.memory, offset, to, at, element.length());
            return true;
        } catch (NoMemoryThereException e) {
            return false;
        }
    }
}
