package org.rddma.verbs.app;

import org.rddma.verbs.Mtu;

/**
 * What one end needs to know to connect, besides where the other is.
 *
 * @param port of the own device
 * @param gidIndex of the own port, to send from
 * @param mtu that both ends can
 * @param maxReadAtomic what the own end may have under way, and the other takes
 * @param maxDestReadAtomic what the other may have under way, and the own end takes
 */
record ConnectionTerms(int port, int gidIndex, Mtu mtu, int maxReadAtomic, int maxDestReadAtomic) {}
