/** The operating system, through JNA: eventfd, poll, epoll, errno. For the project's own modules only. */
package org.rddma.verbs.internal.os;
