package org.rddma.softdev;

import org.rddma.verbs.conformance.SlotConformance;

final class BareSlotTest extends SlotConformance implements BareDeviceUnderTest {}
