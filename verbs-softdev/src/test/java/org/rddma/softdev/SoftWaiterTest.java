package org.rddma.softdev;

import org.rddma.verbs.conformance.WaiterConformance;

final class SoftWaiterTest extends WaiterConformance implements SoftDeviceUnderTest {}
