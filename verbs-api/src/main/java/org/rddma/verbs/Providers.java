package org.rddma.verbs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The providers that there are now, in order: those that are used, then those that are not, each group as the allow-list
 * or else the priorities say.
 *
 * <p>What decides is read from the class files' annotations ({@link ProviderCandidate}), so that there is an instance only
 * of what is needed ({@link ProviderInstance}), and of that one for the whole process.
 */
final class Providers {
    private final List<ProviderCandidate> candidates;

    private Providers(List<ProviderCandidate> candidates) {
        this.candidates = candidates;
    }

    /** Looks for providers in the loader of this library, and in the one that the calling thread names. */
    static Providers find() {
        AllowList allowed = AllowList.ofProcess();
        List<ProviderCandidate> candidates = new ArrayList<>(ProviderSearch.candidates());
        candidates.replaceAll(allowed::judge);
        candidates.addAll(allowed.unknown(candidates));
        candidates.sort(allowed.order());
        return new Providers(candidates);
    }

    List<ProviderStatus> statuses() {
        List<ProviderStatus> statuses = new ArrayList<>();
        candidates.forEach(candidate -> statuses.add(candidate.status()));
        return statuses;
    }

    List<Device> devices() {
        List<Device> devices = new ArrayList<>();
        for (ProviderCandidate candidate : candidates) {
            candidate.offers().forEach(offer -> devices.add(offer.device()));
        }
        return devices;
    }

    /**
     * The first of that name. Providers behind it are not asked.
     *
     * @throws VerbsException when nobody has it, and somebody knows what is wrong with the name
     */
    Optional<Device> device(String name) {
        VerbsException wrong = null;
        for (ProviderCandidate candidate : candidates) {
            try {
                Device device = candidate.device(name);
                if (device != null) {
                    return Optional.of(device);
                }
            } catch (VerbsException e) {
                wrong = wrong == null ? e : wrong;
            }
        }
        if (wrong != null) {
            throw wrong;
        }
        return Optional.empty();
    }

    /** What to do instead, for a message. */
    String whatThereIs() {
        List<String> names = new ArrayList<>();
        for (ProviderCandidate candidate : candidates) {
            candidate.offers().forEach(offer -> names.add(offer.name()));
        }
        StringBuilder text = new StringBuilder(names.isEmpty() ? "there are no devices" : "give one of " + names);
        for (ProviderStatus status : statuses()) {
            if (!status.usable()) {
                text.append("; ").append(status.reason());
            }
        }
        return text.toString();
    }
}
