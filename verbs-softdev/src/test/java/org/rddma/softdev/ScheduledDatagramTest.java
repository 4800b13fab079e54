package org.rddma.softdev;

import org.rddma.verbs.conformance.DatagramConformance;

final class ScheduledDatagramTest extends DatagramConformance implements ScheduledUnderTest {}
