/** InfiniBand packets over UDP: RoCE version 2. */
package org.rddma.softdev.link.roce;
