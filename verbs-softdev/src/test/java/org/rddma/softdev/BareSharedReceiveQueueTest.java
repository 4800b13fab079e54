package org.rddma.softdev;

import org.rddma.verbs.conformance.SharedReceiveQueueConformance;

final class BareSharedReceiveQueueTest extends SharedReceiveQueueConformance implements BareDeviceUnderTest {}
