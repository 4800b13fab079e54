package org.rddma.softdev;

import org.rddma.verbs.conformance.MessageConformance;

final class SoftMessageTest extends MessageConformance implements SoftDeviceUnderTest {}
