package org.rddma.verbs;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which providers are used, and in which order: as a list says, or if there is none all of them by priority. A list that is
 * there but empty allows nothing.
 */
final class AllowList {
    static final String PROPERTY = "verbs.providers";
    static final String ENVIRONMENT = "VERBS_PROVIDERS";

    private static final int LAST = 101;

    private final String source;
    private final List<String> names;

    private AllowList(String source, List<String> names) {
        this.source = source;
        this.names = names;
    }

    /** The one that the property says, or else the environment. */
    static AllowList ofProcess() {
        return of(System.getProperty(PROPERTY), System.getenv(ENVIRONMENT));
    }

    static AllowList of(String property, String environment) {
        if (property != null) {
            return parse("the property " + PROPERTY, property);
        }
        return environment == null
                ? new AllowList(null, null)
                : parse("the environment variable " + ENVIRONMENT, environment);
    }

    private static AllowList parse(String source, String list) {
        List<String> names = Stream.of(list.split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .distinct()
                .toList();
        return new AllowList(source, names);
    }

    /** Refuses it if it is not listed. */
    ProviderCandidate judge(ProviderCandidate candidate) {
        if (!candidate.selected() || names == null || names.contains(candidate.name())) {
            return candidate;
        }
        return candidate.refused("the provider '" + candidate.name() + "' is left out: it is not in " + source
                + (names.isEmpty() ? ", which is empty" : " = " + String.join(",", names)));
    }

    /** Those on the list that there are not. */
    List<ProviderCandidate> unknown(Collection<ProviderCandidate> candidates) {
        if (names == null) {
            return List.of();
        }
        Set<String> left = new LinkedHashSet<>(names);
        candidates.forEach(candidate -> left.remove(candidate.name()));
        String there = candidates.stream()
                .map(ProviderCandidate::name)
                .filter(name -> !name.isEmpty())
                .sorted()
                .collect(Collectors.joining(", "));
        List<ProviderCandidate> unknown = new ArrayList<>();
        for (String name : left) {
            unknown.add(ProviderCandidate.missing(
                    name,
                    "there is no provider '" + name + "', which is in " + source + ": "
                            + (there.isEmpty() ? "there are none at all" : "there are " + there)));
        }
        return unknown;
    }

    /** Those that are used first. */
    Comparator<ProviderCandidate> order() {
        Comparator<ProviderCandidate> rank = names == null
                ? Comparator.comparingInt(AllowList::rank)
                : Comparator.comparingInt(candidate -> names.indexOf(candidate.name()));
        return Comparator.comparing((ProviderCandidate candidate) -> !candidate.selected())
                .thenComparing(rank)
                .thenComparing(ProviderCandidate::name)
                .thenComparing(ProviderCandidate::className);
    }

    private static int rank(ProviderCandidate candidate) {
        int priority = candidate.priority();
        return priority >= 1 && priority < LAST ? priority : LAST;
    }
}
