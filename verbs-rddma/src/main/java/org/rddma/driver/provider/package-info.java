/** Verbs over the RDDMA driver: devices whose regions are shared memory buffers and whose work is done by transfers. */
package org.rddma.driver.provider;
