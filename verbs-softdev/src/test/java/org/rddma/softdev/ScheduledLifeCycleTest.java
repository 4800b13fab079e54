package org.rddma.softdev;

import org.rddma.verbs.conformance.LifeCycleConformance;

final class ScheduledLifeCycleTest extends LifeCycleConformance implements ScheduledUnderTest {}
