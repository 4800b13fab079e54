package org.rddma.softdev;

import org.rddma.verbs.conformance.FlightRecorderConformance;

final class SoftFlightRecorderTest extends FlightRecorderConformance implements SoftDeviceUnderTest {}
