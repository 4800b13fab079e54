package org.rddma.softdev;

import org.rddma.verbs.conformance.BusyConformance;

final class BareBusyTest extends BusyConformance implements BareDeviceUnderTest {}
