package org.rddma.driver.emulator;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rddma.verbs.internal.os.ProcessMemory;

/** Memory of a client's process. It is withdrawn when the process is gone: its number may come again. */
final class UserMemory implements Memory {
    private final int pid;
    private final long address;
    private volatile boolean withdrawn;

    UserMemory(int pid, long address) {
        this.pid = pid;
        this.address = address;
    }

    /** Whether a thread, or the process itself, belongs to a process. */
    static boolean belongs(long thread, int pid) {
        return thread == pid || Files.exists(Path.of("/proc", Integer.toString(pid), "task", Long.toString(thread)));
    }

    int pid() {
        return pid;
    }

    void withdraw() {
        withdrawn = true;
    }

    /**
     * Whether its first and its last byte can be reached.
     *
     * @param length in bytes, more than 0
     * @return 0, or the negative errno
     */
    int probe(long length) {
        ProcessMemory through = new ProcessMemory();
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        int result = through.read(pid, address, one, 0, 1);
        return result == 0 ? through.read(pid, address + length - 1, one, 0, 1) : result;
    }

    @Override
    public ByteBuffer mapped() {
        return null;
    }

    @Override
    public int read(ProcessMemory through, long from, ByteBuffer into, int at, int length) {
        boolean failed = withdrawn || through.read(pid, address + from, into, at, length) != 0;
        return failed ? Results.IO_ERROR : Results.OK;
    }

    @Override
    public int write(ProcessMemory through, long to, ByteBuffer from, int at, int length) {
        boolean failed = withdrawn || through.write(pid, address + to, from, at, length) != 0;
        return failed ? Results.IO_ERROR : Results.OK;
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
