package org.rddma.softdev;

import org.rddma.verbs.conformance.BadInputConformance;

final class SoftBadInputTest extends BadInputConformance implements SoftDeviceUnderTest {}
