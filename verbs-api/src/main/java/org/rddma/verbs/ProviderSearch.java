package org.rddma.verbs;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.Spliterator;
import org.rddma.verbs.spi.VerbsProvider;

/** What the service loader finds, without instantiating anything. What it cannot load is a candidate too, a refused one. */
final class ProviderSearch {
    private final Map<Object, ProviderCandidate> found = new LinkedHashMap<>(); // by class, or by what is wrong

    private ProviderSearch() {}

    static Collection<ProviderCandidate> candidates() {
        Set<ClassLoader> loaders = new LinkedHashSet<>();
        loaders.add(VerbsProvider.class.getClassLoader());
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        if (context != null) { // an application server may keep providers in a loader of its own
            loaders.add(context);
        }
        ProviderSearch search = new ProviderSearch();
        loaders.forEach(search::look);
        return new ArrayList<>(search.found.values());
    }

    private void look(ClassLoader loader) {
        Spliterator<ServiceLoader.Provider<VerbsProvider>> services =
                ServiceLoader.load(VerbsProvider.class, loader).stream().spliterator();
        String before = null;
        while (true) {
            try {
                if (!services.tryAdvance(
                        service -> found.computeIfAbsent(service.type(), type -> ProviderCandidate.of(service)))) {
                    return;
                }
                before = null;
            } catch (ServiceConfigurationError | LinkageError failure) { // of one class: those behind it can be loaded
                String message = String.valueOf(failure.getMessage());
                if (message.equals(before)) {
                    return; // it does not get past this one
                }
                before = message;
                found.putIfAbsent(message, ProviderCandidate.unloadable(failure));
            }
        }
    }
}
