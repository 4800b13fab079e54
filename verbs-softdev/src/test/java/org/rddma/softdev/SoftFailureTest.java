package org.rddma.softdev;

import org.rddma.verbs.conformance.FailureConformance;

final class SoftFailureTest extends FailureConformance implements SoftDeviceUnderTest {}
