/**
 * What the JDK's flight recorder is told: waits, errors, changes of state. Off unless a recording asks for it, and not
 * on any fast path: a post, poll, arm or acknowledgement that does what it was asked for never comes here.
 */
package org.rddma.verbs.internal.jfr;
