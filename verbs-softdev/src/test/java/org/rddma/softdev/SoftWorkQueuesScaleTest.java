package org.rddma.softdev;

import org.rddma.verbs.conformance.WorkQueuesScaleConformance;

final class SoftWorkQueuesScaleTest extends WorkQueuesScaleConformance implements SoftDeviceUnderTest {}
