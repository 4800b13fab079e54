package org.rddma.driver.emulator;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of another process, or of this one. It is withdrawn when the process is gone: its number may come again. */
final class UserMemory implements Memory {
    private final int pid;

    UserMemory(int pid, long address) {
        this.pid = pid;
    }

    /** Whether a thread, or the process itself, belongs to a process. */
    static boolean belongs(long thread, int pid) {
        return thread == pid || Files.exists(Path.of("/proc", Integer.toString(pid), "task", Long.toString(thread)));
    }

    int pid() {
        return pid;
    }

    void withdraw() {
        // TODO
    }

    /**
     * Whether it can be reached.
     *
     * @return 0, or the negative errno
     */
    int probe(long length) {
        return Results.IO_ERROR;
    }

    @Override
    public ByteBuffer mapped() {
        return null;
    }

    @Override
    public int read(long from, ByteBuffer into, int at, int length) {
        return Results.IO_ERROR;
    }

    @Override
    public int write(long to, ByteBuffer from, int at, int length) {
        return Results.IO_ERROR;
    }

    @Override
    public int fd() {
        return -1;
    }

    @Override
    public void close() {
        withdraw();
    }
}
