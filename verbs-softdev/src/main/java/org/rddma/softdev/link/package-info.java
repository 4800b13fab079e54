/** How a queue pair reaches its peers: inside this process here, by packets in {@code link.roce}. */
package org.rddma.softdev.link;
