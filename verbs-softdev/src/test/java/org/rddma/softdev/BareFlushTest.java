package org.rddma.softdev;

import org.rddma.verbs.conformance.FlushConformance;

final class BareFlushTest extends FlushConformance implements BareDeviceUnderTest {}
