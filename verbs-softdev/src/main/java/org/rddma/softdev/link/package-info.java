/** How a queue pair reaches its peers. */
package org.rddma.softdev.link;
