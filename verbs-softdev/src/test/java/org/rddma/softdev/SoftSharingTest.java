package org.rddma.softdev;

import org.rddma.verbs.conformance.SharingConformance;

final class SoftSharingTest extends SharingConformance implements SoftDeviceUnderTest {}
