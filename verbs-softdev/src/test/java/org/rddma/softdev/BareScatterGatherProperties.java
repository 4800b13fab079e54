package org.rddma.softdev;

import org.rddma.verbs.conformance.ScatterGatherConformance;

final class BareScatterGatherProperties extends ScatterGatherConformance implements BareDeviceUnderTest {}
