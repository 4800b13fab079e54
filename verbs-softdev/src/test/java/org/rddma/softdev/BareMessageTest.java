package org.rddma.softdev;

import org.rddma.verbs.conformance.MessageConformance;

final class BareMessageTest extends MessageConformance implements BareDeviceUnderTest {}
