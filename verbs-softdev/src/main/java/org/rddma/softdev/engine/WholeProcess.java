package org.rddma.softdev.engine;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.rddma.verbs.internal.os.Os;
import org.rddma.verbs.internal.os.ProcessMemory;

/**
 * All memory of this process as a place to copy from and to, by native address. The system does the copying
 * (process_vm_readv and process_vm_writev of the own process), since an address of it may be anything: where nothing
 * is, it says so, where a load or a store would end the virtual machine. The bytes go through a buffer in between, so
 * that the system never gets the address of a buffer which somebody may be freeing. A few of those are kept for the next
 * copy: one for each thread would be too many where threads are virtual.
 */
public final class WholeProcess {
    /** Stands for it where a buffer is expected; an index into it is a native address. */
    public static final ByteBuffer MEMORY = ByteBuffer.allocateDirect(0);

    private static final int CHUNK = 1 << 16;
    private static final int PID = (int) ProcessHandle.current().pid();
    private static final AtomicReferenceArray<WholeProcess> IDLE = new AtomicReferenceArray<>(16);
    private static final boolean AVAILABLE = Os.unavailabilityCause() == null && works();

    private final ProcessMemory process = new ProcessMemory();
    private final ByteBuffer bounce = ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.nativeOrder());

    private WholeProcess() {}

    /** Some containers do not allow these system calls. */
    private static boolean works() {
        try {
            ByteBuffer word = ByteBuffer.allocateDirect(1).put(0, (byte) 42);
            long address = Os.addressOf(word);
            WholeProcess mine = new WholeProcess();
            mine.bounce.put(1, (byte) 1);
            return mine.process.read(PID, address, mine.bounce, 0, 1) == 0
                    && mine.bounce.get(0) == 42
                    && mine.process.write(PID, address, mine.bounce, 1, 1) == 0
                    && word.get(0) == 1;
        } catch (RuntimeException | LinkageError e) {
            return false;
        }
    }

    /**
     * Whether the system allows it.
     *
     * @return false when no region can be over all memory
     */
    public static boolean isAvailable() {
        return AVAILABLE;
    }

    /** Copies, where one of the two or both are {@link #MEMORY}. */
    static void copy(ByteBuffer from, long fromIndex, ByteBuffer to, long toIndex, int length) {
        WholeProcess mine = borrow(fromIndex);
        try {
            for (int done = 0; done < length; ) {
                int chunk = Math.min(CHUNK, length - done);
                mine.take(from, fromIndex + done, chunk);
                mine.put(to, toIndex + done, chunk, done + chunk == length);
                done += chunk;
            }
        } finally {
            mine.giveBack();
        }
    }

    private static WholeProcess borrow(long address) {
        for (int i = 0; i < IDLE.length(); i++) {
            WholeProcess idle = IDLE.getAndSet(i, null);
            if (idle != null) {
                return idle;
            }
        }
        try {
            return new WholeProcess();
        } catch (OutOfMemoryError e) { // who posts a request gets its failure, and no error in the middle of it
            throw new NoMemoryThereException(true, address);
        }
    }

    private void giveBack() {
        for (int i = 0; i < IDLE.length(); i++) {
            if (IDLE.compareAndSet(i, null, this)) {
                return;
            }
        }
    }

    @SuppressWarnings("ReferenceEquality")
    private void take(ByteBuffer from, long index, int length) {
        if (from != MEMORY) {
            Copy.copy(from, index, bounce, 0, length);
        } else if (process.read(PID, index, bounce, 0, length) != 0) {
            throw new NoMemoryThereException(true, index);
        }
    }

    /** The last bytes of all are written by themselves: peers poll memory for them. */
    @SuppressWarnings("ReferenceEquality")
    private void put(ByteBuffer to, long index, int length, boolean last) {
        if (to != MEMORY) {
            Copy.copy(bounce, 0, to, index, length);
            return;
        }
        int tail = !last ? 0 : length > Long.BYTES ? Long.BYTES : length == Long.BYTES ? 0 : 1;
        int head = length - tail;
        write(index, 0, head);
        VarHandle.releaseFence();
        write(index + head, head, tail);
    }

    private void write(long address, int offset, int length) {
        if (length > 0 && process.write(PID, address, bounce, offset, length) != 0) {
            throw new NoMemoryThereException(false, address);
        }
    }
}
