package org.rddma.softdev;

import org.rddma.verbs.conformance.ParentDomainConformance;

final class SoftParentDomainTest extends ParentDomainConformance implements SoftDeviceUnderTest {}
