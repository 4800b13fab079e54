package org.rddma.softdev;

import org.junit.jupiter.api.Tag;
import org.rddma.verbs.conformance.AllConformance;

/** All suites; {@link LayeredTest} has those that a layer is most likely to break. */
@Tag("slow")
@net.jqwik.api.Tag("slow")
final class TracedTest extends AllConformance implements TracedUnderTest {}
