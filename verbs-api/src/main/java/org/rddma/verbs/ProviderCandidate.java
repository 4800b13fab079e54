package org.rddma.verbs;

import java.lang.annotation.AnnotationFormatError;
import java.util.List;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rddma.verbs.spi.ProviderInfo;
import org.rddma.verbs.spi.VerbsProvider;

/**
 * A provider as its class declares it, and the reason for which it is not used, if there is one: then nothing of the class
 * has run.
 */
final class ProviderCandidate {
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]+");
    private static final Pattern LOADER_MESSAGE = Pattern.compile(": Provider (\\S+) ");
    private static final int UNKNOWN = -1;

    private final String name;
    private final String className;
    private final int major;
    private final int minor;
    private final int priority;
    private final ServiceLoader.Provider<VerbsProvider> service;
    private final Throwable cause;
    private final String refusal;

    private ProviderCandidate(
            String name,
            String className,
            int major,
            int minor,
            int priority,
            ServiceLoader.Provider<VerbsProvider> service,
            Throwable cause,
            String refusal) {
        this.name = name;
        this.className = className;
        this.major = major;
        this.minor = minor;
        this.priority = priority;
        this.service = service;
        this.cause = cause;
        this.refusal = refusal;
    }

    static ProviderCandidate of(ServiceLoader.Provider<VerbsProvider> service) {
        String className = service.type().getName();
        ProviderInfo info;
        try {
            info = service.type().getAnnotation(ProviderInfo.class);
            if (info != null) {
                ProviderCandidate candidate = new ProviderCandidate(
                        info.name(), className, info.major(), info.minor(), info.priority(), service, null, null);
                String refusal = candidate.mismatch();
                return refusal == null ? candidate : candidate.refused(refusal);
            }
        } catch (RuntimeException | LinkageError | AnnotationFormatError failure) {
            return nameless(
                    className,
                    failure,
                    "the annotation ProviderInfo of the provider " + className + " cannot be read: "
                            + ProviderInstance.text(failure) + "; take a release of it that was made for "
                            + VerbsProvider.SPI_MAJOR + ".x");
        }
        return nameless(
                className,
                null,
                "the provider " + className + " does not say for what version of the provider interface it was made:"
                        + " its class needs the annotation ProviderInfo");
    }

    private String mismatch() {
        if (!NAME.matcher(name).matches()) {
            return "the provider " + className + " has the name '" + name
                    + "': only lower-case letters, digits and hyphens can be listed";
        }
        if (major != VerbsProvider.SPI_MAJOR) {
            return "the provider '" + name + "' was made for version " + major + "." + minor
                    + " of the provider interface, and this is " + VerbsProvider.SPI_MAJOR + "."
                    + VerbsProvider.SPI_MINOR + ": take a release of it that was made for " + VerbsProvider.SPI_MAJOR
                    + ".x";
        }
        return null;
    }

    static ProviderCandidate unloadable(Throwable failure) {
        Matcher matcher = LOADER_MESSAGE.matcher(String.valueOf(failure.getMessage()));
        return nameless(
                matcher.find() ? matcher.group(1) : "",
                failure,
                "a provider cannot be loaded: " + ProviderInstance.text(failure));
    }

    private static ProviderCandidate nameless(String className, Throwable cause, String refusal) {
        return new ProviderCandidate("", className, UNKNOWN, UNKNOWN, UNKNOWN, null, cause, refusal);
    }

    /** A name for which there is no class. */
    static ProviderCandidate missing(String name, String refusal) {
        return new ProviderCandidate(name, "", UNKNOWN, UNKNOWN, UNKNOWN, null, null, refusal);
    }

    ProviderCandidate refused(String why) {
        return new ProviderCandidate(name, className, major, minor, priority, service, null, why);
    }

    boolean selected() {
        return refusal == null;
    }

    String name() {
        return name;
    }

    String className() {
        return className;
    }

    int priority() {
        return priority;
    }

    /** Its device of that name; null if it has none, is not selected or cannot work here. */
    Device device(String deviceName) {
        return selected() ? ProviderInstance.of(service).device(name, deviceName) : null;
    }

    /** What it has, if it is selected; nothing if it cannot work here. */
    List<ProviderInstance.Offer> offers() {
        return selected() ? ProviderInstance.of(service).ask(name).offers() : List.of();
    }

    ProviderStatus status() {
        if (!selected()) {
            boolean exists = service != null && ProviderInstance.exists(service);
            return new ProviderStatus(name, className, major, minor, priority, false, exists, cause, refusal);
        }
        ProviderInstance instance = ProviderInstance.of(service);
        ProviderInstance.Answer answer = instance.ask(name);
        return new ProviderStatus(
                name,
                className,
                major,
                minor,
                priority,
                true,
                ProviderInstance.exists(service),
                answer.cause(),
                answer.reason());
    }
}
