package org.rddma.softdev;

import org.rddma.verbs.conformance.EventLoopLoadConformance;

final class SoftEventLoopLoadTest extends EventLoopLoadConformance implements SoftDeviceUnderTest {}
