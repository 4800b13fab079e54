package org.rddma.driver.emulator;

import java.nio.ByteBuffer;

/** Whole pages of the driver, shared with everybody who maps them. */
final class DriverMemory implements Memory {
    /** The largest that one mapping here can be. */
    static final long LARGEST = Integer.MAX_VALUE - BufferCommands.PAGE + 1 & -BufferCommands.PAGE;

    private final ByteBuffer data;

    private DriverMemory(ByteBuffer data) {
        this.data = data;
    }

    static Memory allocate(long size, long offset) {
        ByteBuffer pages = ByteBuffer.allocateDirect((int) size);
        return new DriverMemory(pages.slice((int) offset, (int) (size - offset)));
    }

    @Override
    public ByteBuffer mapped() {
        return data;
    }

    @Override
    public int read(long from, ByteBuffer into, int at, int length) {
        into.put(at, data, (int) from, length);
        return Results.OK;
    }

    @Override
    public int write(long to, ByteBuffer from, int at, int length) {
        data.put((int) to, from, at, length);
        return Results.OK;
    }

    @Override
    public int fd() {
        return 0;
    }

    @Override
    public void close() {
        // goes with its last user
    }
}
