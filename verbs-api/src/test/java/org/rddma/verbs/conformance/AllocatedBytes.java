package org.rddma.verbs.conformance;

import java.lang.reflect.Method;

/**
 * What the virtual machine counts for each thread. By reflection, because the module that these tests are compiled into has no
 * need of the management modules.
 */
public final class AllocatedBytes {
    private static final Object BEAN;
    private static final Method COUNT;

    static {
        try {
            BEAN = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            COUNT = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private AllocatedBytes() {}

    /** Bytes that the calling thread has allocated since it started. */
    public static long ofThisThread() {
        try {
            return (long) COUNT.invoke(BEAN);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}
