package org.rddma.driver.emulator;

record EmulatorOptions(boolean strict, boolean vfi, boolean substringQuirk, EmulatorLimits limits) {}
