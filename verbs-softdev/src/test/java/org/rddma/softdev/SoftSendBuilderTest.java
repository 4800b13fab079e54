package org.rddma.softdev;

import org.rddma.verbs.conformance.SendBuilderConformance;

final class SoftSendBuilderTest extends SendBuilderConformance implements SoftDeviceUnderTest {}
