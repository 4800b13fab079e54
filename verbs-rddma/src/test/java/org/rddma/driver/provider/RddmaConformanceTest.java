package org.rddma.driver.provider;

import org.rddma.verbs.conformance.AllConformance;

final class RddmaConformanceTest extends AllConformance implements RddmaUnderTest {}
