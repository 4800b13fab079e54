package org.rddma.softdev;

import org.rddma.verbs.conformance.SlotConformance;

final class SoftSlotTest extends SlotConformance implements SoftDeviceUnderTest {}
