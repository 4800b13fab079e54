package org.rddma.softdev;

import org.rddma.verbs.conformance.LimitEventConformance;

final class SoftLimitEventTest extends LimitEventConformance implements SoftDeviceUnderTest {}
