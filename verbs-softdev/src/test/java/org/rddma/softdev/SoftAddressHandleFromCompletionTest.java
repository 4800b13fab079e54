package org.rddma.softdev;

import org.rddma.verbs.conformance.AddressHandleFromCompletionConformance;

final class SoftAddressHandleFromCompletionTest extends AddressHandleFromCompletionConformance
        implements SoftDeviceUnderTest {}
