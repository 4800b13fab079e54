package org.rddma.softdev;

import org.rddma.verbs.conformance.RemoteMemoryConformance;

final class SoftRemoteMemoryTest extends RemoteMemoryConformance implements SoftDeviceUnderTest {}
