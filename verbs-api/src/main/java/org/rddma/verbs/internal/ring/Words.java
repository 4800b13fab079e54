package org.rddma.verbs.internal.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Access to ints and longs in a direct buffer, in native byte order. The first letters say how strong an access is:
 * {@code lp} and {@code sp} plain, {@code lv} and {@code sv} volatile, {@code la} acquire, {@code so} release, {@code
 * cas} and {@code xchg} volatile read-modify-write. All but the plain ones need alignment.
 */
public final class Words {
    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private Words() {}

    /** Plain load of an int. */
    public static int lpInt(ByteBuffer memory, int offset) {
        return (int) INT.get(memory, offset);
    }

    /** Plain store of an int. */
    public static void spInt(ByteBuffer memory, int offset, int value) {
        INT.set(memory, offset, value);
    }

    /** Acquiring load of an int. */
    public static int laInt(ByteBuffer memory, int offset) {
        return (int) INT.getAcquire(memory, offset);
    }

    /** Releasing store of an int. */
    public static void soInt(ByteBuffer memory, int offset, int value) {
        INT.setRelease(memory, offset, value);
    }

    /** Volatile load of an int. */
    public static int lvInt(ByteBuffer memory, int offset) {
        return (int) INT.getVolatile(memory, offset);
    }

    /** Volatile store of an int. */
    public static void svInt(ByteBuffer memory, int offset, int value) {
        INT.setVolatile(memory, offset, value);
    }

    /** Exchange of an int. */
    public static int xchgInt(ByteBuffer memory, int offset, int value) {
        return (int) INT.getAndSet(memory, offset, value);
    }

    /** Compare-and-set of an int. */
    public static boolean casInt(ByteBuffer memory, int offset, int expected, int value) {
        return INT.compareAndSet(memory, offset, expected, value);
    }

    /** Plain load of a long. */
    public static long lpLong(ByteBuffer memory, int offset) {
        return (long) LONG.get(memory, offset);
    }

    /** Plain store of a long. */
    public static void spLong(ByteBuffer memory, int offset, long value) {
        LONG.set(memory, offset, value);
    }

    /** Acquiring load of a long. */
    public static long laLong(ByteBuffer memory, int offset) {
        return (long) LONG.getAcquire(memory, offset);
    }

    /** Releasing store of a long. */
    public static void soLong(ByteBuffer memory, int offset, long value) {
        LONG.setRelease(memory, offset, value);
    }

    /** Volatile load of a long. */
    public static long lvLong(ByteBuffer memory, int offset) {
        return (long) LONG.getVolatile(memory, offset);
    }

    /** Compare-and-set of a long. */
    public static boolean casLong(ByteBuffer memory, int offset, long expected, long value) {
        return LONG.compareAndSet(memory, offset, expected, value);
    }

    /** Compare-and-exchange of a long: what was there. */
    public static long caxLong(ByteBuffer memory, int offset, long expected, long value) {
        return (long) LONG.compareAndExchange(memory, offset, expected, value);
    }

    /** Atomic addition to a long: what was there. */
    public static long addLong(ByteBuffer memory, int offset, long value) {
        return (long) LONG.getAndAdd(memory, offset, value);
    }
}
