package org.rddma.softdev;

import org.rddma.verbs.conformance.ModifyEdgeConformance;

final class BareModifyEdgeTest extends ModifyEdgeConformance implements BareDeviceUnderTest {}
