package org.rddma.softdev;

import org.rddma.verbs.conformance.ExtendedQueueConformance;

final class SoftExtendedQueueTest extends ExtendedQueueConformance implements SoftDeviceUnderTest {}
