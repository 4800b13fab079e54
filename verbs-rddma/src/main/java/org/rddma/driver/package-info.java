/** The RDDMA driver as its applications see it: the command language, the device file, and the ways to wait. */
package org.rddma.driver;
