package org.rddma.verbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The classes that hold all suites hold all of them. */
final class AllConformanceTest {
    /** The lists, what suites have in common, and LeakConformance, which is about {@link LeakGuard}. */
    private static final Set<String> NOT_LISTED = Set.of(
            "AllConformance",
            "AllLoadConformance",
            "CompletionQueueConformance",
            "DeviceConformance",
            "FaultConformance",
            "LeakConformance");

    private static Set<String> suites() throws IOException, URISyntaxException {
        Path root = Path.of(AllConformance.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Stream<Path> files = Files.list(root.resolve("org/rddma/verbs/conformance"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Conformance.class"))
                    .map(name -> name.substring(0, name.length() - ".class".length()))
                    .filter(name -> !NOT_LISTED.contains(name))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    @DisplayName("every suite of this package is in AllConformance or in AllLoadConformance, once")
    void complete() throws IOException, URISyntaxException {
        assertThat(Stream.of(AllConformance.class, AllLoadConformance.class)
                        .flatMap(all -> Arrays.stream(all.getDeclaredClasses()))
                        .map(part -> part.getSuperclass().getSimpleName()))
                .containsExactlyInAnyOrderElementsOf(suites());
    }

    @Test
    @DisplayName("the suites in them can be run: inner classes, not private, not abstract")
    void runnable() {
        assertThat(Stream.of(AllConformance.class, AllLoadConformance.class)
                        .flatMap(all -> Arrays.stream(all.getDeclaredClasses())))
                .allMatch(part -> (part.getModifiers() & (Modifier.PRIVATE | Modifier.STATIC | Modifier.ABSTRACT)) == 0)
                .hasSizeGreaterThan(40);
    }
}
