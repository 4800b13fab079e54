package org.rddma.softdev;

import org.rddma.verbs.conformance.BusyConformance;

final class SoftBusyTest extends BusyConformance implements SoftDeviceUnderTest {}
