package org.rddma.softdev;

import org.rddma.verbs.conformance.BadInputConformance;

final class BareBadInputTest extends BadInputConformance implements BareDeviceUnderTest {}
