package org.rddma.driver.provider;

import org.junit.jupiter.api.Tag;
import org.rddma.verbs.conformance.AllLoadConformance;

@Tag("slow")
final class RddmaLoadConformanceTest extends AllLoadConformance implements RddmaUnderTest {}
