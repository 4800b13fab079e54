/** What the driver in user space and its clients have in common. Not for applications. */
package org.rddma.driver.internal;
