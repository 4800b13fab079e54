package org.rddma.softdev;

import org.rddma.verbs.conformance.SharedReceiveQueueConformance;

final class SoftSharedReceiveQueueTest extends SharedReceiveQueueConformance implements SoftDeviceUnderTest {}
