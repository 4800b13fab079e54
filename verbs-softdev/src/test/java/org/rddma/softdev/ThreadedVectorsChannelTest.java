package org.rddma.softdev;

import org.rddma.verbs.conformance.ChannelConformance;

final class ThreadedVectorsChannelTest extends ChannelConformance implements ThreadedVectorsUnderTest {}
