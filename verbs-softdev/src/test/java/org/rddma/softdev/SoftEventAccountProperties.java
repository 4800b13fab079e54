package org.rddma.softdev;

import org.rddma.verbs.conformance.EventAccountConformance;

final class SoftEventAccountProperties extends EventAccountConformance implements SoftDeviceUnderTest {}
