package org.rddma.softdev;

import org.rddma.verbs.conformance.RemoteMemoryConformance;

final class ScheduledRemoteMemoryTest extends RemoteMemoryConformance implements ScheduledUnderTest {}
