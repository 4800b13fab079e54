package org.rddma.softdev;

import org.rddma.verbs.conformance.LastWqeConformance;

final class BareLastWqeTest extends LastWqeConformance implements BareDeviceUnderTest {}
