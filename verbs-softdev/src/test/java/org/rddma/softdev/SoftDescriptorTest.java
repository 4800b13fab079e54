package org.rddma.softdev;

import org.rddma.verbs.conformance.DescriptorConformance;

final class SoftDescriptorTest extends DescriptorConformance implements SoftDeviceUnderTest {}
