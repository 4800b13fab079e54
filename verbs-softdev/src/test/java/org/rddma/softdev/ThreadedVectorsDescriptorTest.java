package org.rddma.softdev;

import org.rddma.verbs.conformance.DescriptorConformance;

final class ThreadedVectorsDescriptorTest extends DescriptorConformance implements ThreadedVectorsUnderTest {}
