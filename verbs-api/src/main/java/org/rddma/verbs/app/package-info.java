/**
 * Ready-made ways to use the verbs, free of any provider: connecting two queue pairs, waiting for completions, and
 * styles of application on top of that, an event loop among them.
 */
package org.rddma.verbs.app;
