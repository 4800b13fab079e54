package org.rddma.softdev;

import org.rddma.verbs.conformance.SendBuilderConformance;

final class BareSendBuilderTest extends SendBuilderConformance implements BareDeviceUnderTest {}
