package org.rddma.softdev;

import org.rddma.verbs.conformance.AllocationConformance;

final class SoftAllocationTest extends AllocationConformance implements SoftDeviceUnderTest {}
