package org.rddma.softdev;

import org.rddma.verbs.conformance.XrcConformance;

final class SoftXrcTest extends XrcConformance implements SoftDeviceUnderTest {}
