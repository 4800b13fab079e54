package org.rddma.softdev;

import org.rddma.verbs.conformance.FuturesConformance;

final class SoftFuturesTest extends FuturesConformance implements SoftDeviceUnderTest {}
