package org.rddma.softdev;

import org.rddma.verbs.conformance.LastWqeConformance;

final class SoftLastWqeTest extends LastWqeConformance implements SoftDeviceUnderTest {}
