package org.rddma.softdev;

import org.rddma.verbs.conformance.LifeCycleConformance;

final class SoftLifeCycleTest extends LifeCycleConformance implements SoftDeviceUnderTest {}
