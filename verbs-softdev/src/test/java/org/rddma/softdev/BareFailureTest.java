package org.rddma.softdev;

import org.rddma.verbs.conformance.FailureConformance;

final class BareFailureTest extends FailureConformance implements BareDeviceUnderTest {}
