package org.rddma.driver.provider;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.rddma.driver.DriverFile;

/** A driver's file that holds some commands back, as a driver does that is slow with them. */
final class FilteredFile extends DriverFile {
    private final DriverFile file;
    private final List<byte[]> held = new ArrayList<>();
    private Predicate<String> holds = text -> false;
    private volatile RuntimeException mapFailure;

    FilteredFile(DriverFile file) {
        this.file = file;
    }

    /** From now on commands like these do not reach the driver. */
    synchronized void hold(Predicate<String> which) {
        holds = which;
    }

    /** From now on nothing can be mapped. */
    void failMaps(RuntimeException failure) {
        mapFailure = failure;
    }

    /** How many have not reached the driver. */
    synchronized int heldBack() {
        return held.size();
    }

    /** The first that was held back reaches the driver after all. */
    synchronized void releaseFirst() {
        send(held.remove(0));
    }

    /** All that was held back reaches the driver, the last first. */
    synchronized void releaseBackwards() {
        while (!held.isEmpty()) {
            send(held.remove(held.size() - 1));
        }
    }

    private void send(byte[] text) {
        ByteBuffer direct = ByteBuffer.allocateDirect(text.length).put(text);
        int unused = file.write(direct, 0, text.length);
    }

    @Override
    public synchronized int write(ByteBuffer text, int offset, int length) {
        byte[] bytes = new byte[length];
        text.get(offset, bytes);
        if (holds.test(new String(bytes, StandardCharsets.US_ASCII))) {
            held.add(bytes);
            return length;
        }
        return file.write(text, offset, length);
    }

    @Override
    public int fd() {
        return file.fd();
    }

    @Override
    public boolean nonBlocking() {
        return file.nonBlocking();
    }

    @Override
    public void nonBlocking(boolean nonBlocking) {
        file.nonBlocking(nonBlocking);
    }

    @Override
    public int read(ByteBuffer into, int offset, int length) {
        return file.read(into, offset, length);
    }

    @Override
    public boolean await(long nanos) {
        return file.await(nanos);
    }

    @Override
    public ByteBuffer map(long mmapOffset, long length) {
        if (mapFailure != null) {
            throw mapFailure;
        }
        return file.map(mmapOffset, length);
    }

    @Override
    public void close() {
        file.close();
    }
}
