package org.rddma.softdev;

import org.rddma.verbs.conformance.ShareAllConformance;

final class SoftShareAllTest extends ShareAllConformance implements SoftDeviceUnderTest {}
