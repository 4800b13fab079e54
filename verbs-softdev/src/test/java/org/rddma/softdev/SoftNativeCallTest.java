package org.rddma.softdev;

import org.rddma.verbs.conformance.NativeCallConformance;

final class SoftNativeCallTest extends NativeCallConformance implements SoftDeviceUnderTest {}
