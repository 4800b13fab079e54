package org.rddma.softdev;

import org.rddma.verbs.conformance.AllConformance;

final class ValidatedTest extends AllConformance implements ValidatedUnderTest {}
