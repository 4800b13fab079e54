package org.rddma.softdev;

import org.rddma.verbs.conformance.ChannelConformance;

final class SoftChannelTest extends ChannelConformance implements SoftDeviceUnderTest {}
