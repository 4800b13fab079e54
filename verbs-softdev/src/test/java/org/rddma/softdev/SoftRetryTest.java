package org.rddma.softdev;

import org.rddma.verbs.conformance.RetryConformance;

final class SoftRetryTest extends RetryConformance implements SoftDeviceUnderTest {}
