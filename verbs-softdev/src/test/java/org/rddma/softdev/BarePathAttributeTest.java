package org.rddma.softdev;

import org.rddma.verbs.conformance.PathAttributeConformance;

final class BarePathAttributeTest extends PathAttributeConformance implements BareDeviceUnderTest {}
