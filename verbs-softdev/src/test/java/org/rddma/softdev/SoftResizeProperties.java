package org.rddma.softdev;

import org.rddma.verbs.conformance.ResizeModelConformance;

final class SoftResizeProperties extends ResizeModelConformance implements SoftDeviceUnderTest {}
