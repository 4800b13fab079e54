package org.rddma.softdev;

import org.rddma.verbs.conformance.WaitConformance;

final class SoftWaitTest extends WaitConformance implements SoftDeviceUnderTest {}
