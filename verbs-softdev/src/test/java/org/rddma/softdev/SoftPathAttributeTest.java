package org.rddma.softdev;

import org.rddma.verbs.conformance.PathAttributeConformance;

final class SoftPathAttributeTest extends PathAttributeConformance implements SoftDeviceUnderTest {}
