package org.rddma.softdev;

import org.rddma.verbs.conformance.StateConformance;

final class BareStateTest extends StateConformance implements BareDeviceUnderTest {}
