package org.rddma.softdev.engine;

import org.rddma.verbs.spi.Completer;

/**
 * A shared receive queue that messages on extended reliable connections name by its number.
 *
 * @param receives the queue
 * @param completions where its receives complete
 * @param domain whose memory they may use
 * @param reachableFrom the domain of the queue pairs that may reach it
 */
public record XrcTarget(SharedReceives receives, Completer completions, Object domain, Object reachableFrom) {}
