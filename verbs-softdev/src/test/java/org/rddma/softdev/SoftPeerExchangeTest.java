package org.rddma.softdev;

import org.rddma.verbs.conformance.PeerExchangeConformance;

final class SoftPeerExchangeTest extends PeerExchangeConformance implements SoftDeviceUnderTest {}
