package org.rddma.verbs;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.rddma.verbs.spi.VerbsProvider;

/**
 * The one instance of a provider's class in this process, made when it is first asked for something. Whatever the provider
 * throws is an answer: it must not cost those the devices of others who did not ask for it.
 */
final class ProviderInstance {
    private static final ClassValue<ProviderInstance> ALL = new ClassValue<>() {
        @Override
        protected ProviderInstance computeValue(Class<?> type) {
            return new ProviderInstance();
        }
    };

    private VerbsProvider provider; // guarded by this
    private Throwable failure; // of the constructor, for good; guarded by this
    private boolean inConstructor; // guarded by this

    private ProviderInstance() {}

    /** A device, under the name that it had when it was listed. */
    record Offer(String name, Device device) {}

    /** What it has, or what keeps it from having anything. */
    record Answer(List<Offer> offers, Throwable cause, String reason) {}

    static boolean exists(ServiceLoader.Provider<VerbsProvider> service) {
        ProviderInstance instance = ALL.get(service.type());
        synchronized (instance) {
            return instance.provider != null;
        }
    }

    static ProviderInstance of(ServiceLoader.Provider<VerbsProvider> service) {
        ProviderInstance instance = ALL.get(service.type());
        instance.make(service);
        return instance;
    }

    private synchronized void make(ServiceLoader.Provider<VerbsProvider> service) {
        if (provider != null || failure != null || inConstructor) {
            return;
        }
        inConstructor = true;
        try {
            provider = service.get();
        } catch (ServiceConfigurationError thrown) {
            failure = thrown.getCause() == null ? thrown : thrown.getCause();
        } finally {
            inConstructor = false;
        }
    }

    /** Asks whether it can work, and what it has. */
    Answer ask(String name) {
        VerbsProvider asked;
        synchronized (this) {
            if (failure != null) {
                return none(failure, "the provider '" + name + "' cannot be instantiated: " + text(failure));
            }
            if (provider == null) {
                return none(null, "the provider '" + name + "' asks for devices while it is being instantiated");
            }
            asked = provider;
        }
        String what = "whether it can work here";
        try {
            Throwable unavailable = asked.unavailabilityCause();
            if (unavailable != null) {
                return none(unavailable, "the provider '" + name + "' cannot work here: " + text(unavailable));
            }
            what = "for its devices";
            List<Offer> offers = new ArrayList<>();
            for (Device device : asked.devices()) {
                offers.add(new Offer(Objects.requireNonNull(device.name(), "a device has no name"), device));
            }
            return new Answer(offers, null, null);
        } catch (Throwable thrown) { // not only exceptions: a provider for a newer minor version may miss a method
            return none(thrown, "the provider '" + name + "' fails when it is asked " + what + ": " + text(thrown));
        }
    }

    /**
     * Asks for a device of that name.
     *
     * @return null when it is not listed, and nothing can be made of the name
     * @throws VerbsException what is wrong with the name
     */
    Device device(String provider, String name) {
        Answer answer = ask(provider);
        for (Offer offer : answer.offers()) {
            if (name.equals(offer.name())) {
                return offer.device();
            }
        }
        if (answer.reason() != null) {
            return null;
        }
        VerbsProvider asked;
        synchronized (this) {
            asked = this.provider;
        }
        try {
            return asked.find(name);
        } catch (VerbsException wrong) {
            throw wrong;
        } catch (Throwable thrown) { // as when it is asked for all of them
            throw new VerbsException(
                    "open",
                    Errno.ENODEV,
                    "the provider '" + provider + "' fails when it is asked for '" + name + "': " + text(thrown),
                    thrown);
        }
    }

    private static Answer none(Throwable cause, String reason) {
        return new Answer(List.of(), cause, reason);
    }

    /** What was thrown, for a sentence. */
    static String text(Throwable thrown) {
        try {
            String message = thrown.getMessage();
            return message == null || message.isBlank() ? thrown.getClass().getName() : message;
        } catch (RuntimeException failure) { // it is the provider's own class
            return thrown.getClass().getName();
        }
    }
}
