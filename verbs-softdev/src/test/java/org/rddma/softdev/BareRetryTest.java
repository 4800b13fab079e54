package org.rddma.softdev;

import org.rddma.verbs.conformance.RetryConformance;

final class BareRetryTest extends RetryConformance implements BareDeviceUnderTest {}
