package org.rddma.driver.emulator;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The driver's memory, and how much of it is used. The JVM unmaps what nobody can reach any more, when it comes to it;
 * until then the memory of a deleted buffer is there and counts. Who needs room asks the JVM to look, once after each
 * delete: a client that makes and deletes buffers without end gets what the limit says and no more.
 *
 * <p>The system clears memory before it gives it, a gigabyte in half a second, and a look takes as long as the JVM
 * likes. Both are done by a thread of their own while other commands are carried out; only a small buffer, for which
 * there is room, is made at once. Looks rest for three times as long as they take. All methods belong to the driver
 * thread.
 */
final class PageAccount {
    private static final int PATIENCE_MILLIS = 400;
    private static final long SMALL = 1 << 20;
    private static final int REST = 3;

    private final Quota bytes;
    private final Executor driverThread;
    private final ReferenceQueue<ByteBuffer> unmapped = new ReferenceQueue<>();
    private final Set<Mapping> mappings = new HashSet<>();
    private final BlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
    /** Those for which there is no room before the next look. */
    private List<Wanted> waiting = new ArrayList<>();

    private boolean looking;
    private boolean deletedSinceLook;
    private Thread thread;
    private volatile boolean closed;

    /** When the next look may begin; belongs to the thread that looks. */
    private long rested = System.nanoTime();

    /** A mapping, and what it counts. */
    private static final class Mapping extends PhantomReference<ByteBuffer> {
        private final long size;

        private Mapping(ByteBuffer memory, ReferenceQueue<ByteBuffer> queue, long size) {
            super(memory, queue);
            this.size = size;
        }
    }

    /** Memory that someone waits for. */
    private record Wanted(long size, long offset, Consumer<DriverMemory> taker) {}

    /**
     * An account without memory.
     *
     * @param bytes how much there may be
     * @param driverThread runs a task on the driver thread, later
     */
    PageAccount(Quota bytes, Executor driverThread) {
        this.bytes = bytes;
        this.driverThread = driverThread;
    }

    /**
     * Zeroed memory.
     *
     * @param size in bytes, whole pages
     * @param offset where the data begin
     * @param taker given it, or null when there is none; now or later
     */
    void allocate(long size, long offset, Consumer<DriverMemory> taker) {
        settle();
        Wanted wanted = new Wanted(size, offset, taker);
        if (size > DriverMemory.LARGEST) {
            taker.accept(null);
        } else if (bytes.take(size)) {
            provide(wanted);
        } else if (looking || deletedSinceLook) {
            waiting.add(wanted);
            look();
        } else {
            taker.accept(null);
        }
    }

    /** Some of it is not used any more. */
    void deleted() {
        deletedSinceLook = true;
    }

    /** Ends the thread; whoever still waits for memory never gets it. */
    void close() {
        closed = true;
        Threads.end(thread);
    }

    // ---- the memory itself; its bytes are taken

    private void provide(Wanted wanted) {
        if (wanted.size <= SMALL) {
            deliver(wanted, make(wanted));
        } else {
            onOwnThread(() -> {
                DriverMemory memory = make(wanted);
                driverThread.execute(() -> deliver(wanted, memory));
            });
        }
    }

    private static DriverMemory make(Wanted wanted) {
        try {
            return DriverMemory.allocate(wanted.size, wanted.offset);
        } catch (RuntimeException | Error e) {
            return null; // whatever it is, who waits is told
        }
    }

    private void deliver(Wanted wanted, DriverMemory memory) {
        if (memory == null) {
            bytes.giveBack(wanted.size);
        } else {
            mappings.add(new Mapping(memory.mapped(), unmapped, wanted.size));
        }
        if (!closed) {
            wanted.taker.accept(memory);
        } else if (memory != null) {
            memory.close();
        }
    }

    // ---- looks

    private void look() {
        if (looking) {
            return; // those who came since it began get the next one
        }
        looking = true;
        deletedSinceLook = false;
        List<Wanted> served = waiting;
        waiting = new ArrayList<>();
        long enough = served.stream().mapToLong(Wanted::size).sum();
        onOwnThread(() -> {
            List<Mapping> found = find(enough);
            driverThread.execute(() -> looked(served, found));
        });
    }

    private void looked(List<Wanted> served, List<Mapping> found) {
        looking = false;
        found.forEach(this::giveBack);
        settle();
        for (Wanted wanted : served) {
            if (bytes.take(wanted.size)) {
                provide(wanted);
            } else {
                deliverNone(wanted);
            }
        }
        List<Wanted> later = waiting;
        waiting = new ArrayList<>();
        later.forEach(wanted -> {
            if (closed) {
                deliverNone(wanted);
            } else {
                allocate(wanted.size, wanted.offset, wanted.taker);
            }
        });
    }

    private void deliverNone(Wanted wanted) {
        if (!closed) {
            wanted.taker.accept(null);
        }
    }

    /** Asks the JVM to unmap what nobody can reach; returns when that is enough, or no more comes. */
    private List<Mapping> find(long enough) {
        List<Mapping> found = new ArrayList<>();
        try {
            TimeUnit.NANOSECONDS.sleep(rested - System.nanoTime());
            long start = System.nanoTime();
            System.gc();
            long freed = 0;
            Mapping mapping = (Mapping) unmapped.remove(PATIENCE_MILLIS);
            while (mapping != null) {
                found.add(mapping);
                freed += mapping.size;
                mapping = freed >= enough ? null : (Mapping) unmapped.remove(PATIENCE_MILLIS);
            }
            long end = System.nanoTime();
            rested = end + REST * (end - start);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the driver ends
        }
        return found;
    }

    private void settle() {
        for (Object mapping = unmapped.poll(); mapping != null; mapping = unmapped.poll()) {
            giveBack((Mapping) mapping);
        }
    }

    private void giveBack(Mapping mapping) {
        mappings.remove(mapping);
        bytes.giveBack(mapping.size);
    }

    // ---- the thread

    private void onOwnThread(Runnable task) {
        if (thread == null) {
            thread = Threads.start(this::work, "rddma-pages");
        }
        work.add(task);
    }

    private void work() {
        while (!closed) {
            try {
                work.take().run();
            } catch (InterruptedException e) {
                return; // the driver ends
            }
        }
    }
}
