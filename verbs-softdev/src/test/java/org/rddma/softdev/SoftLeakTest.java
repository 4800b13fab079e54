package org.rddma.softdev;

import org.rddma.verbs.conformance.LeakConformance;

final class SoftLeakTest extends LeakConformance implements SoftDeviceUnderTest {}
