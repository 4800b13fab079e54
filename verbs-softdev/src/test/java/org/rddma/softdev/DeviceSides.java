package org.rddma.softdev;

import java.util.function.Function;
import org.rddma.softdev.engine.DatagramRoute;
import org.rddma.softdev.engine.MemoryTable;
import org.rddma.softdev.engine.QueuePairEngine;
import org.rddma.softdev.engine.SharedReceives;
import org.rddma.softdev.engine.Window;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.MemoryWindow;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.SharedReceiveQueue;
import org.rddma.verbs.spi.Completer;

/** What an engine is made of, taken from the objects of a software device: for tests that make engines themselves. */
@SuppressWarnings("exports") // for the tests of the packages below
public final class DeviceSides {
    private DeviceSides() {}

    /** Where completions go. */
    public static Completer of(CompletionQueue queue) {
        return ((SoftCompletionQueue) queue).deviceSide();
    }

    /** Where receives come from. */
    public static SharedReceives of(SharedReceiveQueue queue) {
        return ((SoftSharedReceiveQueue) queue).deviceSide();
    }

    /** Whose memory an engine may use. */
    public static Object of(ProtectionDomain domain) {
        return ((SoftProtectionDomain) domain).actual();
    }

    /** The registered memory of a context's device. */
    public static MemoryTable memoryOf(Context context) {
        return ((SoftContext) context).device().memory();
    }

    /** What an address handle means. */
    public static Function<AddressHandle, DatagramRoute> routes() {
        return handle -> ((SoftAddressHandle) handle).route();
    }

    /** The device's side of a memory window. */
    public static Function<MemoryWindow, Window> windows() {
        return handle -> ((SoftMemoryWindow) handle).deviceSide();
    }

    /** Has a domain wait for an engine when memory is withdrawn, as it does for those of its own queue pairs. */
    public static void attach(ProtectionDomain domain, QueuePairEngine engine) {
        ((SoftProtectionDomain) domain).attach(engine);
    }

    /** The reverse of {@link #attach}. */
    public static void detach(ProtectionDomain domain, QueuePairEngine engine) {
        ((SoftProtectionDomain) domain).detach(engine);
    }
}
