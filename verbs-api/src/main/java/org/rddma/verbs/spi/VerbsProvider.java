package org.rddma.verbs.spi;

import java.util.List;
import org.rddma.verbs.Device;

/**
 * What a provider of devices registers as a service ({@link java.util.ServiceLoader}). It has a public constructor
 * without arguments, which does nothing that can fail. Safe for use by several threads.
 */
public interface VerbsProvider {
    /**
     * Its name.
     *
     * @return short, lower case
     */
    String name();

    /**
     * Where its devices stand among those of other providers, so that a program which takes the first device gets a
     * sensible one.
     *
     * @return 1 to 100, smaller first; providers of the same priority stand in the order of their names
     */
    default int priority() {
        return 50;
    }

    /**
     * Why it cannot work on this machine.
     *
     * @return null when it can
     */
    Throwable unavailabilityCause();

    /**
     * Its devices. Asked for only when it can work.
     *
     * @return in an order of its own, the same every time
     */
    List<? extends Device> devices();
}
