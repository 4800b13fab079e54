package org.rddma.softdev;

import org.rddma.verbs.conformance.ExtendedQueueConformance;

final class BareExtendedQueueTest extends ExtendedQueueConformance implements BareDeviceUnderTest {}
