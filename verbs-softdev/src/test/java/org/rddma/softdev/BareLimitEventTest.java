package org.rddma.softdev;

import org.rddma.verbs.conformance.LimitEventConformance;

final class BareLimitEventTest extends LimitEventConformance implements BareDeviceUnderTest {}
