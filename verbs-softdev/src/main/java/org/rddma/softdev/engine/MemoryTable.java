package org.rddma.softdev.engine;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/** The registered memory of a device, by key. */
public final class MemoryTable {
    private final SlotTable<RegisteredMemory> slots;
    private final SplittableRandom random = new SplittableRandom();
    private byte[] variants = new byte[0];

    /**
     * An empty table.
     *
     * @param limit how many regions it may hold
     */
    public MemoryTable(int limit) {
        slots = new SlotTable<>(limit);
    }

    /**
     * Registers memory.
     *
     * @param memory exactly the bytes
     * @param address of the first
     * @param access bits of {@link org.rddma.verbs.AccessFlags}
     * @param domain who may use it
     * @return null when the table is full
     */
    public RegisteredMemory add(ByteBuffer memory, long address, int access, Object domain) {
        int index = slots.reserve();
        if (index < 0) {
            return null;
        }
        int variant = nextVariant(index);
        int key = index + 1 << 8 | variant; // never 0, which is what a forgotten key is
        RegisteredMemory registered = new RegisteredMemory(memory, address, memory.capacity(), access, domain, key);
        slots.put(index, registered);
        return registered;
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
     * Withdraws memory.
     *
     * @param registered what was registered
     */
    public void remove(RegisteredMemory registered) {
        registered.invalidate();
        slots.release((registered.key() >>> 8) - 1);
    }

    RegisteredMemory find(int key) {
        RegisteredMemory found = slots.get((key >>> 8) - 1);
        return found != null && found.key() == key ? found : null;
    }
}
