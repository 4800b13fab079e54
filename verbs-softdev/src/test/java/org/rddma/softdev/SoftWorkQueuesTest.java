package org.rddma.softdev;

import org.rddma.verbs.conformance.WorkQueuesConformance;

final class SoftWorkQueuesTest extends WorkQueuesConformance implements SoftDeviceUnderTest {}
