package org.rddma.driver.provider;

import static org.rddma.verbs.internal.ring.SendEntryDescriptor.*;

import java.nio.ByteBuffer;
import org.rddma.verbs.QueuePairType;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.SendRequest;
import org.rddma.verbs.internal.ring.Words;
import org.rddma.verbs.internal.ring.WorkRing;
import org.rddma.verbs.spi.Completer;
import org.rddma.verbs.spi.WorkRequestRules;

/** The poster's side of a send queue: turns requests into entries. Its caller holds the queue pair's lock. */
final class SendQueue {
    final WorkRing ring;
    private final Completer completions;
    private final int allowed;
    private final int maxElements;
    private final long maxMessage;

    SendQueue(EngineConfig config) {
        completions = config.sends();
        allowed = config.allowed();
        maxElements = config.sizes().maxSendElements();
        maxMessage = config.limits().maxMessageSize();
        ring = new WorkRing(config.sizes().maxSendRequests(), entryBytes(maxElements, 0));
    }

    /** Posts a chain; returns the first request that does not fit. */
    SendRequest post(SendRequest first) {
        SendRequest request = first;
        int room = ring.capacity(); // a chain may end in itself
        do {
            long bytes = check(request);
            if (room-- == 0 || !ring.hasRoom(completions.ring())) {
                return request;
            }
            write(request, (int) bytes, ring.lpPosted());
            ring.soPosted(ring.lpPosted() + 1);
            request = request.next();
        } while (request != null);
        return null;
    }

    /** Posts a chain, or nothing; false when it does not fit. */
    boolean postAll(SendRequest first, int count) {
        SendRequest request = first;
        for (int i = 0; i < count; i++, request = request.next()) {
            long unused = check(request);
        }
        if (!ring.hasRoom(completions.ring(), count)) {
            return false;
        }
        long position = ring.lpPosted();
        request = first;
        for (int i = 0; i < count; i++, request = request.next()) {
            write(request, (int) check(request), position + i);
        }
        ring.soPosted(position + count);
        return true;
    }

    private long check(SendRequest request) {
        long bytes = WorkRequestRules.checkSend(request, QueuePairType.RC, allowed, maxElements, 0);
        if (bytes > maxMessage) {
            throw WorkRequestRules.invalid(
                    "postSend", request, bytes + " bytes are too many: the device allows " + maxMessage);
        }
        return bytes;
    }

    private void write(SendRequest request, int bytes, long position) {
        ByteBuffer memory = ring.memory();
        int entry = ring.entry(position);
        Words.spInt(
                memory, entry + KIND, kind(request.opcode().value(), request.flags(), request.sgeCount()));
        Words.spInt(memory, entry + DATA_BYTES, bytes);
        Words.spLong(memory, entry + WR_ID, request.wrId());
        Words.spInt(memory, entry + IMMEDIATE, request.immediate());
        Words.spLong(memory, entry + REMOTE_ADDRESS, request.remoteAddress());
        Words.spInt(memory, entry + REMOTE_KEY, request.rkey());
        int at = entry + DATA;
        for (int i = 0; i < request.sgeCount(); i++, at += ELEMENT_BYTES) {
            ScatterGatherElement element = request.sge(i);
            Words.spLong(memory, at + ELEMENT_ADDRESS, element.address());
            Words.spInt(memory, at + ELEMENT_LENGTH, element.length());
            Words.spInt(memory, at + ELEMENT_LKEY, element.lkey());
        }
    }
}
