package org.rddma.softdev;

import org.rddma.verbs.conformance.WorkQueueConformance;

final class SoftWorkQueueTest extends WorkQueueConformance implements SoftDeviceUnderTest {}
