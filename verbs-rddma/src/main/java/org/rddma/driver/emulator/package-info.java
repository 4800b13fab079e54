/** A driver in user space: what answers where there is no driver in the kernel. */
package org.rddma.driver.emulator;
