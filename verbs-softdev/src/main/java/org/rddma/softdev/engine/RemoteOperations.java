package org.rddma.softdev.engine;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.FlushLevel;
import org.rddma.verbs.FlushPlacement;
import org.rddma.verbs.internal.ring.Words;
import org.rddma.verbs.spi.Connection;

/**
 * What a peer does to single words, and flushes: checks it, and does it. All of these give one of {@link Response},
 * and leave it to the caller what follows from a refusal; when the memory was taken away they throw what the copy
 * throws.
 */
final class RemoteOperations {
    private final QueuePairEngine owner;
    private final Object domain;
    private final MemoryTable memory;
    private final Connection connection;
    private long found;

    RemoteOperations(QueuePairEngine owner, EngineConfig config, Connection connection) {
        this.owner = owner;
        this.connection = connection;
        domain = config.domain();
        memory = config.memory();
    }

    /** What the last atomic found. */
    long found() {
        return found;
    }

    int compareAndSwap(int key, long address, long compare, long swap) {
        return atomic(key, address, compare, swap, true);
    }

    int fetchAndAdd(int key, long address, long add) {
        return atomic(key, address, add, 0, false);
    }

    private int atomic(int key, long address, long compareAdd, long swap, boolean compares) {
        if (!isAllowed(AccessFlags.REMOTE_ATOMIC) || connection.maxDestReadAtomic() == 0 || (address & 7) != 0) {
            return Response.NAK_INVALID_REQUEST;
        }
        RegisteredMemory target = memory.find(key);
        int offset = (int) check(target, AccessFlags.REMOTE_ATOMIC, address, Long.BYTES);
        if (offset < 0) {
            return Response.NAK_REMOTE_ACCESS;
        }
        if (!isAligned(target.memory, offset)) {
            return Response.NAK_INVALID_REQUEST;
        }
        found = compares
                ? Words.caxLong(target.memory, offset, compareAdd, swap)
                : Words.addLong(target.memory, offset, compareAdd);
        return Response.ACK;
    }

    /** Writes 8 bytes at once; the value is that of the bytes in native order. */
    int atomicWrite(int key, long address, long value) {
        if (!isAllowed(AccessFlags.REMOTE_WRITE) || (address & 7) != 0) {
            return Response.NAK_INVALID_REQUEST;
        }
        RegisteredMemory target = memory.find(key);
        long offset = check(target, AccessFlags.REMOTE_WRITE, address, Long.BYTES);
        if (offset < 0) {
            return Response.NAK_REMOTE_ACCESS;
        }
        if (target.isWholeProcess() || !isAligned(target.memory, (int) offset)) {
            return Response.NAK_INVALID_REQUEST;
        }
        Words.soLong(target.memory, (int) offset, value);
        return Response.ACK;
    }

    int flush(int key, long address, long length, int placement, int level) {
        boolean persistent = (placement & FlushPlacement.PERSISTENT) != 0;
        int rights = ((placement & FlushPlacement.GLOBAL) != 0 ? AccessFlags.FLUSH_GLOBAL : 0)
                | (persistent ? AccessFlags.FLUSH_PERSISTENT : 0);
        if (!isAllowed(rights)) {
            return Response.NAK_INVALID_REQUEST;
        }
        RegisteredMemory target = memory.find(key);
        if (target == null) {
            return Response.NAK_REMOTE_ACCESS;
        }
        boolean whole = level == FlushLevel.REGION.value();
        long bytes = whole ? target.length() : length;
        long offset = check(target, rights, whole ? target.address() : address, bytes);
        if (offset < 0) {
            return Response.NAK_REMOTE_ACCESS;
        }
        VarHandle.fullFence();
        if (persistent && target.memory instanceof MappedByteBuffer mapped) {
            MappedByteBuffer unused = mapped.force((int) offset, (int) bytes);
        }
        return Response.ACK;
    }

    private boolean isAllowed(int rights) {
        return (connection.accessFlags() & rights) == rights;
    }

    private long check(RegisteredMemory target, int rights, long address, long bytes) {
        return target == null ? -1 : target.checkRemote(owner, domain, rights, address, bytes);
    }

    /** Addresses that the caller chose may be multiples of 8 where the memory is not. */
    private static boolean isAligned(ByteBuffer memory, int offset) {
        return memory.alignmentOffset(offset, Long.BYTES) == 0;
    }
}
