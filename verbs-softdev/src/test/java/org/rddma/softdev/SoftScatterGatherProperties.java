package org.rddma.softdev;

import org.rddma.verbs.conformance.ScatterGatherConformance;

final class SoftScatterGatherProperties extends ScatterGatherConformance implements SoftDeviceUnderTest {}
