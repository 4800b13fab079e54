package org.rddma.softdev;

import org.rddma.verbs.conformance.CompletionOrderConformance;

final class SoftCompletionOrderProperties extends CompletionOrderConformance implements SoftDeviceUnderTest {}
