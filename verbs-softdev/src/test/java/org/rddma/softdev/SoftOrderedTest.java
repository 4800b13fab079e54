package org.rddma.softdev;

import org.rddma.verbs.conformance.OrderedConformance;

final class SoftOrderedTest extends OrderedConformance implements SoftDeviceUnderTest {}
