package org.rddma.softdev;

import org.rddma.verbs.conformance.RemoteMemoryConformance;

final class BareRemoteMemoryTest extends RemoteMemoryConformance implements BareDeviceUnderTest {}
