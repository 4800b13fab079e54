package org.rddma.softdev;

import org.rddma.verbs.conformance.LifeCycleConformance;

final class BareLifeCycleTest extends LifeCycleConformance implements BareDeviceUnderTest {}
