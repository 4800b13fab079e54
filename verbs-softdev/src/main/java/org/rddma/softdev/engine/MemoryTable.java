package org.rddma.softdev.engine;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.MemoryWindowType;

/** The registered memory of a device and the windows into it, by key. */
public final class MemoryTable {
    private static final int WINDOW_RIGHTS =
            AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_READ | AccessFlags.REMOTE_ATOMIC | AccessFlags.ZERO_BASED;
    private static final int WRITING_RIGHTS = AccessFlags.REMOTE_WRITE | AccessFlags.REMOTE_ATOMIC;

    private final SlotTable<RegisteredMemory> slots;
    private final SplittableRandom random;
    private byte[] variants = new byte[0];

    /**
     * An empty table.
     *
     * @param limit how many regions and windows it may hold
     * @param random what the changing part of a key begins with
     */
    public MemoryTable(int limit, SplittableRandom random) {
        slots = new SlotTable<>(limit);
        this.random = random;
    }

    /**
     * Registers memory.
     *
     * @param memory exactly the bytes, or {@link WholeProcess#MEMORY}
     * @param address what requests call the first
     * @param access bits of {@link org.rddma.verbs.AccessFlags}
     * @param domain who may use it
     * @param holder the region
     * @return null when the table is full
     */
    public RegisteredMemory add(ByteBuffer memory, long address, int access, Object domain, RegionHolder holder) {
        int index = slots.reserve();
        if (index < 0) {
            return null;
        }
        RegisteredMemory registered = RegisteredMemory.region(memory, address, access, domain, freshKey(index), holder);
        slots.put(index, registered);
        return registered;
    }

    /** The key of an index that was taken: never 0, which is what a forgotten key is. */
    private int freshKey(int index) {
        return index + 1 << 8 | nextVariant(index);
    }

    /** Begins anywhere, and counts up with each use of the index: the key before does not open what comes after. */
    private synchronized int nextVariant(int index) {
        if (index >= variants.length) {
            int length = variants.length;
            variants = Arrays.copyOf(variants, Math.max(index + 1, 2 * length));
            for (int i = length; i < variants.length; i++) {
                variants[i] = (byte) random.nextInt(256);
            }
        }
        return ++variants[index] & 0xFF;
    }

    /**
     * Puts other memory, rights or domain behind the key of a region.
     *
     * @param before what was registered; whoever has found it already may still be using it
     * @param memory exactly the bytes
     * @param address what requests call the first
     * @param access bits of {@link org.rddma.verbs.AccessFlags}
     * @param domain who may use it
     * @return what is registered now; null, and nothing changed, while windows are bound to it
     */
    public synchronized RegisteredMemory replace(
            RegisteredMemory before, ByteBuffer memory, long address, int access, Object domain) {
        if (before.holder().isHeld()) {
            return null;
        }
        RegisteredMemory registered =
                RegisteredMemory.region(memory, address, access, domain, before.key(), before.holder());
        slots.put(indexOf(before.key()), registered);
        return registered;
    }

    /**
     * Withdraws memory.
     *
     * @param registered what was registered
     */
    public void remove(RegisteredMemory registered) {
        registered.invalidate();
        slots.release(indexOf(registered.key()));
    }

    RegisteredMemory find(int key) {
        RegisteredMemory found = slots.get(indexOf(key));
        return found != null && found.key() == key ? found : null;
    }

    private static int indexOf(int key) {
        return (key >>> 8) - 1;
    }

    // ---- windows

    /**
     * Takes a key for a window.
     *
     * @param handle the application's object
     * @param type how it is bound
     * @param domain who may use it
     * @param quiesce waits until no queue pair that can reach memory through the window is doing so
     * @return null when the table is full
     */
    public Window addWindow(MemoryWindow handle, MemoryWindowType type, Object domain, Runnable quiesce) {
        int index = slots.reserve();
        return index < 0 ? null : new Window(handle, type, domain, index, freshKey(index), quiesce);
    }

    /**
     * Binds a window, or with no bytes takes away what it shows.
     *
     * @return false when it may not be bound so (the rules of the InfiniBand specification's chapter 10.6.7.2, as
     *     soft RoCE checks them): then nothing is changed
     */
    boolean bind(
            Window window, QueuePairEngine binder, int newKey, int regionKey, long address, long length, int access) {
        boolean second = window.type() == MemoryWindowType.TYPE_2;
        RegisteredMemory before;
        RegisteredMemory after;
        synchronized (this) {
            before = window.bound;
            if (window.isClosed()
                    || indexOf(newKey) != window.index()
                    || window.domain() != binder.config().domain()
                    || second && (before != null || length == 0)) {
                return false;
            }
            after = null;
            if (length != 0) {
                after = view(window, second ? binder : null, newKey, regionKey, address, length, access);
                if (after == null || !after.holder().hold(window)) {
                    return false;
                }
            }
            show(window, after, newKey);
        }
        if (before != null) {
            window.awaitUsers();
            before.holder().letGo(window); // also of the same region: each view is one hold
        }
        return true;
    }

    private RegisteredMemory view(
            Window window, QueuePairEngine owner, int newKey, int regionKey, long address, long length, int access) {
        RegisteredMemory region = find(regionKey);
        boolean zeroBased = (access & AccessFlags.ZERO_BASED) != 0;
        if (region == null
                || (region.access & AccessFlags.MW_BIND) == 0
                || (access & ~(WINDOW_RIGHTS | AccessFlags.OPTIONAL_RANGE)) != 0
                || (access & WRITING_RIGHTS) != 0 && (region.access & AccessFlags.LOCAL_WRITE) == 0
                || zeroBased && window.type() == MemoryWindowType.TYPE_1) {
            return null;
        }
        long offset = region.check(window.domain(), 0, address, length);
        return offset < 0
                ? null
                : RegisteredMemory.view(
                        region, (int) offset, (int) length, zeroBased ? 0 : address, access, newKey, window, owner);
    }

    private void show(Window window, RegisteredMemory after, int key) {
        if (window.bound != null) {
            window.bound.invalidate();
        }
        window.bound = after;
        window.setKey(key);
        slots.put(window.index(), after);
    }

    /**
     * Takes away what a window of type 2 shows.
     *
     * @return false when the key is not one of a window that is bound to this queue pair
     */
    boolean invalidate(int key, QueuePairEngine user) {
        RegisteredMemory bound;
        synchronized (this) {
            bound = find(key);
            if (bound == null
                    || bound.owner() != user
                    || bound.domain() != user.config().domain()) {
                return false;
            }
            show(bound.window(), null, key);
        }
        bound.holder().letGo(bound.window());
        return true;
    }

    /**
     * Gives a window's key back.
     *
     * @param window bound or not
     */
    public void removeWindow(Window window) {
        RegisteredMemory before;
        synchronized (this) {
            before = window.bound;
            window.close();
            show(window, null, window.key());
            variants[window.index()] = (byte) window.key();
        }
        if (before != null) {
            window.awaitUsers();
            before.holder().letGo(window);
        }
        slots.release(window.index());
    }
}
