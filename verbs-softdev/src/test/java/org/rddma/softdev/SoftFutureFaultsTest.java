package org.rddma.softdev;

import org.rddma.verbs.conformance.FutureFaultsConformance;

final class SoftFutureFaultsTest extends FutureFaultsConformance implements SoftDeviceUnderTest {}
