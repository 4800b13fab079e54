package org.rddma.softdev.link.roce;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * Writes blocks to a file from a thread of its own, so that those who have something to write wait for no disk.
 *
 * <p>Blocks are put into a buffer, and buffers go round: the active one, full ones, the one that the thread is writing,
 * free ones. The thread takes the active one too when nothing has been added for a while, so that a reader of the file
 * finds what has happened. Who finds no buffer free waits for a short time: it is better to slow down what is captured
 * than to lose parts of it. If that was not enough the disk hangs, and until it moves again blocks are lost without
 * waiting. After an error all of them are lost; the file then ends with a whole block.
 *
 * <p>Its monitor guards what is here, and is held while a block is written: see {@link #room}.
 */
final class CaptureWriter {
    static final int BUFFERS = 4;
    static final int BUFFER_BYTES = 1 << 18;

    private static final long LINGER_MILLIS = 50;
    private static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long FINISH_MILLIS = 5_000;

    private final SeekableByteChannel channel;
    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>(BUFFERS);
    private final ArrayDeque<ByteBuffer> full = new ArrayDeque<>(BUFFERS);
    private final Thread thread;
    private ByteBuffer active;
    private boolean stalled;
    private boolean ended;
    private String failure;

    /**
     * Begins.
     *
     * @param channel to be written at its position, and closed by this
     * @param name of the thread
     */
    CaptureWriter(SeekableByteChannel channel, String name) {
        this.channel = channel;
        for (int i = 0; i < BUFFERS; i++) {
            free.add(ByteBuffer.allocateDirect(BUFFER_BYTES));
        }
        active = free.remove();
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /**
     * Room for a block. The caller holds the monitor, and keeps it until the block is written.
     *
     * @param bytes of it, at most a buffer's
     * @return where it goes, at the position; null when it is lost
     */
    ByteBuffer room(int bytes) {
        assert Thread.holdsLock(this);
        if (ended || failure != null) {
            return null;
        }
        while (active == null || active.remaining() < bytes) {
            if (active != null) {
                full.add(active.flip());
                active = null;
                notifyAll();
            }
            if (!activate()) {
                return null;
            }
        }
        if (active.position() == 0) {
            notifyAll(); // the thread sleeps as long as there is nothing
        }
        return active;
    }

    /** Makes a free buffer the active one; false when there is none, now or after a while. */
    private boolean activate() {
        long deadline = System.nanoTime() + STALL_NANOS;
        boolean interrupted = false;
        while (free.isEmpty() && active == null && !stalled && !ended && failure == null) {
            long left = deadline - System.nanoTime();
            if (left <= 0 || interrupted) {
                stalled = left <= 0;
                break;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (active == null) { // others waited too, and one of them may have been first
            active = free.poll();
        }
        return active != null && !ended && failure == null;
    }

    private void run() {
        try (channel) {
            writeAll();
        } catch (IOException | InterruptedException e) {
            fail(e);
        }
    }

    private void writeAll() throws IOException, InterruptedException {
        for (ByteBuffer next = take(); next != null; next = take()) {
            long whole = channel.position();
            try {
                while (next.hasRemaining()) {
                    int unused = channel.write(next);
                }
            } catch (IOException e) {
                SeekableByteChannel unused = channel.truncate(whole);
                throw e;
            }
            giveBack(next);
        }
    }

    private synchronized ByteBuffer take() throws InterruptedException {
        boolean lingered = false;
        while (full.isEmpty()) {
            boolean has = active != null && active.position() > 0;
            if (has && (ended || lingered)) {
                ByteBuffer last = active.flip();
                active = null;
                return last;
            }
            if (ended) {
                return null;
            }
            if (has) {
                wait(LINGER_MILLIS);
                lingered = true;
            } else {
                wait();
            }
        }
        return full.remove();
    }

    private synchronized void giveBack(ByteBuffer written) {
        free.add(written.clear());
        stalled = false;
        notifyAll();
    }

    private synchronized void fail(Exception e) {
        failure = e.getMessage() == null ? e.toString() : e.getMessage();
        notifyAll();
    }

    /**
     * Why nothing is written any more.
     *
     * @return null as long as all is well
     */
    synchronized String failure() {
        return failure;
    }

    /** Writes what is there, as far as this does not take seconds, and closes the file. */
    void finish() {
        synchronized (this) {
            ended = true;
            notifyAll();
        }
        if (!awaitEnd(FINISH_MILLIS)) {
            thread.interrupt();
            boolean unused = awaitEnd(FINISH_MILLIS);
        }
    }

    private boolean awaitEnd(long millis) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        boolean interrupted = false;
        while (thread.isAlive() && System.nanoTime() - deadline < 0) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, deadline - System.nanoTime());
            } catch (InterruptedException e) {
                interrupted = true; // closing is not cut short
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }
}
