package org.rddma.softdev;

import org.rddma.verbs.conformance.AddressHandleFromCompletionConformance;

final class BareAddressHandleFromCompletionTest extends AddressHandleFromCompletionConformance
        implements BareDeviceUnderTest {}
