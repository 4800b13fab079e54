package org.rddma.driver.provider;

import org.rddma.verbs.conformance.AllLoadConformance;

final class RddmaLoadConformanceTest extends AllLoadConformance implements RddmaUnderTest {}
