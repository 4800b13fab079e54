package org.rddma.softdev;

import org.rddma.verbs.conformance.ReregisterConformance;

final class BareReregisterTest extends ReregisterConformance implements BareDeviceUnderTest {}
