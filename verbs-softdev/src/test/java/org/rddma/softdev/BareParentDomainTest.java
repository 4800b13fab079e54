package org.rddma.softdev;

import org.rddma.verbs.conformance.ParentDomainConformance;

final class BareParentDomainTest extends ParentDomainConformance implements BareDeviceUnderTest {}
