/**
 * A driver in user space: the RDDMA driver's commands, answered on the same kind of descriptor, inside this process or
 * as a daemon.
 */
package org.rddma.driver.emulator;
