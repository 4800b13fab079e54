package org.rddma.softdev;

import org.rddma.verbs.conformance.AsyncEventConformance;

final class SoftAsyncEventTest extends AsyncEventConformance implements SoftDeviceUnderTest {}
