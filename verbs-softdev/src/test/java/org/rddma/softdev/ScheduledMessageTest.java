package org.rddma.softdev;

import org.rddma.verbs.conformance.MessageConformance;

final class ScheduledMessageTest extends MessageConformance implements ScheduledUnderTest {}
