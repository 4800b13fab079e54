package org.rddma.softdev;

import org.rddma.verbs.conformance.FlushConformance;

final class SoftFlushTest extends FlushConformance implements SoftDeviceUnderTest {}
