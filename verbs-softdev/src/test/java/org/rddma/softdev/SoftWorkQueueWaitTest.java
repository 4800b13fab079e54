package org.rddma.softdev;

import org.rddma.verbs.conformance.WorkQueueWaitConformance;

final class SoftWorkQueueWaitTest extends WorkQueueWaitConformance implements SoftDeviceUnderTest {}
