package org.rddma.softdev;

import org.rddma.verbs.conformance.ScatterGatherConformance;

final class ScheduledScatterGatherProperties extends ScatterGatherConformance implements ScheduledUnderTest {}
