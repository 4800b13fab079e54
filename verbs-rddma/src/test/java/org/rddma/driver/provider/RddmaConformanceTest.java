package org.rddma.driver.provider;

import org.rddma.verbs.conformance.AllConformance;

/** All suites; those of properties, each of whose steps is several commands, take half a minute. */
@net.jqwik.api.Tag("slow")
final class RddmaConformanceTest extends AllConformance implements RddmaUnderTest {}
