package org.rddma.driver.emulator;

import java.nio.ByteBuffer;
import org.rddma.verbs.VerbsException;
import org.rddma.verbs.internal.os.ProcessMemory;
import org.rddma.verbs.internal.os.SharedMemory;

/** Whole pages of the driver, shared with everybody who maps them; a mapping outlives the buffer. */
final class DriverMemory implements Memory {
    /** The largest that one mapping here can be. */
    static final long LARGEST = Integer.MAX_VALUE - BufferCommands.PAGE + 1 & -BufferCommands.PAGE;

    private static final String VERB = "smb_create";

    private final SharedMemory pages;
    /** Null once closed: binds keep hold of a deleted buffer, and should not keep its pages. */
    private volatile ByteBuffer data;

    private DriverMemory(SharedMemory pages, ByteBuffer data) {
        this.pages = pages;
        this.data = data;
    }

    /**
     * Zeroed memory.
     *
     * @param size in bytes, whole pages
     * @param offset where the data begin
     * @throws VerbsException when there is none
     */
    static DriverMemory allocate(long size, long offset) {
        SharedMemory pages = SharedMemory.create("rddma", size, VERB);
        try {
            return new DriverMemory(pages, pages.map(VERB).slice((int) offset, (int) (size - offset)));
        } catch (VerbsException e) {
            pages.close();
            throw e;
        }
    }

    @Override
    public ByteBuffer mapped() {
        return data;
    }

    @Override
    public int read(ProcessMemory unused, long from, ByteBuffer into, int at, int length) {
        into.put(at, data, (int) from, length);
        return Results.OK;
    }

    @Override
    public int write(ProcessMemory unused, long to, ByteBuffer from, int at, int length) {
        data.put((int) to, from, at, length);
        return Results.OK;
    }

    @Override
    public int fd() {
        return pages.fd();
    }

    @Override
    public void close() {
        data = null;
        pages.close();
    }
}
