package org.rddma.softdev;

import org.rddma.verbs.conformance.ReregisterConformance;

final class SoftReregisterTest extends ReregisterConformance implements SoftDeviceUnderTest {}
