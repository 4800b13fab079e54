package org.rddma.softdev;

import org.rddma.verbs.conformance.SignalConformance;

final class SoftSignalTest extends SignalConformance implements SoftDeviceUnderTest {}
