package org.rddma.softdev;

import org.rddma.verbs.conformance.ModifyEdgeConformance;

final class SoftModifyEdgeTest extends ModifyEdgeConformance implements SoftDeviceUnderTest {}
