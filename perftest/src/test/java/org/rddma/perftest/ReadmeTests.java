package org.rddma.perftest;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Runs test classes, in a virtual machine of their own: success is that there are tests, and that none fails. */
final class ReadmeTests {
    private ReadmeTests() {}

    /**
     * Runs them and exits.
     *
     * @param classes their names
     */
    public static void main(String[] classes) {
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(
                        Stream.of(classes).map(DiscoverySelectors::selectClass).toList())
                .configurationParameter("jqwik.tries.default", "100")
                .build();
        LauncherFactory.create().execute(request, summary);
        summary.getSummary().printFailuresTo(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        long found = summary.getSummary().getTestsFoundCount();
        long bad = summary.getSummary().getTotalFailureCount();
        System.out.println(found + " tests, " + bad + " failures");
        System.exit(found > 0 && bad == 0 ? 0 : 1);
    }
}
