package org.rddma.perftest;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.platform.commons.support.ReflectionSupport;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.rddma.verbs.conformance.AllConformance;

/**
 * Runs test classes, in a virtual machine of their own: success is that there are tests, and that none fails. Of the
 * suite of all rules, which the providers' own tests run from end to end, it runs a part of each kind.
 */
final class ReadmeTests {
    private static final List<String> PARTS =
            List.of("Access", "Arm", "Capability", "LifeCycle", "Resize", "WorkQueue");

    private ReadmeTests() {}

    /**
     * Runs them and exits.
     *
     * @param classes their names
     */
    public static void main(String[] classes) {
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(Stream.of(classes).flatMap(ReadmeTests::selected).toList())
                .configurationParameter("jqwik.tries.default", "100")
                .build();
        LauncherFactory.create().execute(request, summary);
        summary.getSummary().printFailuresTo(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        long found = summary.getSummary().getTestsFoundCount();
        long bad = summary.getSummary().getTotalFailureCount();
        System.out.println(found + " tests, " + bad + " failures");
        System.exit(found > 0 && bad == 0 ? 0 : 1);
    }

    private static Stream<DiscoverySelector> selected(String name) {
        Class<?> tests = ReflectionSupport.tryToLoadClass(name).getOrThrow(IllegalStateException::new);
        if (!AllConformance.class.isAssignableFrom(tests)) {
            return Stream.of(DiscoverySelectors.selectClass(tests));
        }
        String all = AllConformance.class.getName();
        return PARTS.stream()
                .map(part -> DiscoverySelectors.selectNestedClass(List.of(name), all + "$" + part + "Suite"));
    }
}
