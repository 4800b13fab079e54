package org.rddma.verbs;

/**
 * A provider of devices, and what became of it.
 *
 * @param name what it calls itself; what the allow-list calls it, when there is no such provider; empty when it could
 *     not be asked
 * @param className of its class; empty when there is none
 * @param major of the version of the interface that it was made for; -1 when that is not known
 * @param minor of that version; -1 when that is not known
 * @param priority 1 to 100, smaller first; -1 when that is not known
 * @param selected whether it is to be used: it fits, and the allow-list, if there is one, has it
 * @param instantiated whether there is an instance of it
 * @param unavailabilityCause what it says keeps it from working here, or what it has thrown; null when that is nothing
 * @param reason why its devices cannot be used, a sentence; null when they can
 */
public record ProviderStatus(
        String name,
        String className,
        int major,
        int minor,
        int priority,
        boolean selected,
        boolean instantiated,
        Throwable unavailabilityCause,
        String reason) {
    /**
     * Whether its devices can be used.
     *
     * @return true when there is no reason why not
     */
    public boolean usable() {
        return reason == null;
    }

    /**
     * The version of the interface that it was made for.
     *
     * @return such as {@code 1.0}; {@code -} when that is not known
     */
    public String version() {
        return major < 0 ? "-" : major + "." + minor;
    }
}
