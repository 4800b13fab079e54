package org.rddma.verbs.spi;

import java.util.List;
import org.rddma.verbs.Device;

/**
 * What a provider of devices registers as a service ({@link java.util.ServiceLoader}). Its class has the annotation
 * {@link ProviderInfo} and a public constructor without arguments. Nothing of the class runs before the provider is
 * needed: one that the allow-list leaves out is not instantiated, nor one behind the provider of the device that is
 * opened. There is one instance of the class in a process. Safe for use by several threads.
 *
 * <p>What a provider throws, from its constructor too, costs only its own devices: it is listed with the reason ({@link
 * org.rddma.verbs.Verbs#providers}), and others are used.
 *
 * <p>The version of this interface, and of what it is made of, the types of {@code org.rddma.verbs} and of this package:
 * the minor version grows when something is added that a provider can do without, such as a method with a default; the
 * major version when a provider would have to change.
 */
public interface VerbsProvider {
    /** The version of this interface: providers made for another major version are refused. */
    int SPI_MAJOR = 1;

    /** The version of this interface: providers made for another minor version are used. */
    int SPI_MINOR = 1;

    /**
     * Why it cannot work on this machine, now.
     *
     * @return null when it can; a message that says what is missing, otherwise
     */
    Throwable unavailabilityCause();

    /**
     * Its devices. Asked for only when it can work.
     *
     * @return in an order of its own, the same every time; the same objects, too
     */
    List<? extends Device> devices();

    /**
     * A device that is not listed, because there are too many of them, or because it is its name that says what it is to
     * be. Asked for only when this provider can work and lists no device of that name. Since 1.1.
     *
     * @param name never null
     * @return its device, the same every time; null when the name is none of this provider's
     * @throws org.rddma.verbs.VerbsException when it is one of this provider's, but something is wrong with it: {@link
     *     org.rddma.verbs.Verbs#open} throws this unless a provider behind this one has the device
     */
    default Device find(String name) {
        return null;
    }
}
