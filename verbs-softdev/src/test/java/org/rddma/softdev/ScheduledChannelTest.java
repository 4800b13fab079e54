package org.rddma.softdev;

import org.rddma.verbs.conformance.ChannelConformance;

final class ScheduledChannelTest extends ChannelConformance implements ScheduledUnderTest {}
